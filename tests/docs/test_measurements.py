"""What the documentation shows of the measurements is what was measured."""

import json
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

from tests.benchmarks.measurements import MEASUREMENTS
from tests.benchmarks.plot import plot
from tests.benchmarks.publish import DATA, PAGE, PICTURE, with_tables

RESULTS = json.loads(DATA.read_text())


def test_the_page_shows_the_data():
    """Each table is made of the results that are kept beside it."""
    assert with_tables(PAGE.read_text(), RESULTS) == PAGE.read_text()


def test_the_picture_shows_the_data():
    """The picture is drawn from the same results."""
    assert plot(RESULTS) == PICTURE.read_text()


def test_the_page_has_a_place_for_each_measurement():
    """What is measured is shown."""
    marks = set(re.findall(r"<!-- (\w+) -->", PAGE.read_text()))
    assert marks == {*MEASUREMENTS, "machine", "end"}


def test_a_table_is_replaced_and_its_surroundings_stay():
    """Only what stands between the marks is written by the tool."""
    page = "a\n<!-- blocks -->\nold\n<!-- end -->\nb\n"
    results = {"blocks": [{"method": "take", "a second": 1_234_567.0}]}
    assert with_tables(page, results) == (
        "a\n<!-- blocks -->\n"
        "| method |  a second |\n"
        "|--------|----------:|\n"
        "| take   | 1,234,567 |\n"
        "<!-- end -->\nb\n"
    )


def test_names_do_not_cover_each_other():
    """Where lines end close together, their names still stand apart."""
    close = [
        {"flush": "instant", "clients": clients, "method": name, "a second": rate}
        for clients in (1, 8)
        for name, rate in (("a", 500.0), ("b", 500.1), ("c", 501.0))
    ]
    drawn = ET.fromstring(plot({"documents": close}))  # noqa: S314 - ours
    texts = [each for each in drawn.iter() if each.tag.endswith("text")]
    heights = sorted(
        float(each.attrib["y"]) for each in texts if each.text in {"a", "b", "c"}
    )
    assert len(heights) == 3
    assert min(below - above for above, below in pairwise(heights)) > 12
