"""Audits as text, JSON, CSV and HTML."""

import csv
import io
import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import attrs
import pytest

from sequences.ledger.findings import (
    Audit,
    Counted,
    Disorder,
    Double,
    Explanation,
    Findings,
    Gap,
    Given,
    Outside,
    Part,
)
from sequences.ledger.reports import FORMS, rendered

EVIL = '<script>alert("1")</script>'


def findings(*listed, rest: int = 0) -> Findings[Any]:
    """Give findings, some of them not listed."""
    return Findings(count=len(listed) + rest, listed=listed)


GIVEN = Given(
    first=20,
    last=20,
    key="order-20",
    document="shop.Invoice:3",
    user="ada",
    at=datetime(2026, 5, 4, 3, tzinfo=UTC),
)
GIVEN_TOLD = (
    "20 given out 2026-05-04 03:00:00 by ada for shop.Invoice:3 with key order-20, "
    "and on no document"
)

AUDIT = Audit(
    sequence="invoices",
    using="default",
    table="shop_invoice",
    column="number",
    order_by="dated",
    taken_at=datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC),
    documents=410,
    numbered=408,
    first=1,
    lowest=1,
    highest=412,
    given_out=410,
    behind=2,
    writers=1,
    missing=9,
    excused=1,
    gaps=findings(
        Gap(first=17, last=17, count=1),
        Gap(first=20, last=22, count=3, given=(GIVEN,)),
        rest=1,
    ),
    explained=findings(
        Gap(first=30, last=30, count=1, explanation=Explanation.POOLED),
        Gap(
            first=31,
            last=32,
            count=2,
            explanation=Explanation.VOID,
            reason="torn, <b>both</b>",
        ),
    ),
    doubles=findings(Double(number=55, count=2)),
    disorder=findings(Disorder(number=200, at="2008-12-31", after="2009-02-01")),
    outside=findings(Outside(number="-8")),
    parts=(
        Part(first=1, last=206, count=206, missing=9, explained=1),
        Part(first=207, last=412, count=206),
    ),
)

CLEAN = attrs.evolve(
    AUDIT,
    sequence=None,
    behind=0,
    writers=None,
    missing=0,
    gaps=Findings(),
    doubles=Findings(),
    disorder=Findings(),
    outside=Findings(),
)


def test_text():
    """A page for people, who read the verdict last."""
    assert rendered([AUDIT], "text") == (
        "Sequence 'invoices': shop_invoice.number on database 'default'\n"
        "\n"
        "  documents   410, 2 of them without a number\n"
        "  numbers     1 to 412\n"
        "  counter     stands at 410, 2 behind the documents: adopt their numbers\n"
        "  missing     9 unexplained, 1 explained\n"
        "  still open  1 transaction was writing; what it adds is not seen\n"
        "  read at     2026-05-04 03:02:01 UTC\n"
        "\n"
        "Missing, unexplained (3):\n"
        "  17\n"
        f"  20 to 22 (3): {GIVEN_TOLD}\n"
        "  and 1 more\n"
        "\n"
        "Missing, explained (2):\n"
        "  30: free, in the pool\n"
        "  31 to 32 (2): void: torn, <b>both</b>\n"
        "\n"
        "On several documents (1):\n"
        "  55, on 2 documents\n"
        "\n"
        "Out of order (1):\n"
        "  200 of 2008-12-31, after 2009-02-01\n"
        "\n"
        "Not possible in this series (1):\n"
        "  -8\n"
        "\n"
        "7 findings are unexplained.\n"
    )


PARTS = attrs.evolve(
    AUDIT,
    first=None,
    lowest=None,
    highest=None,
    given_out=None,
    writers=None,
    explained=Findings(),
    gaps=findings(Gap(first=2, last=3, count=2, part="2026/K1")),
    doubles=findings(Double(number=5, count=2, part="2026/K1")),
    disorder=findings(Disorder(number=6, at="1", after="2", part="2026/K1")),
    parts=(),
    by_part=findings(
        Counted(
            part="2026/K1",
            numbered=4,
            first=1,
            lowest=1,
            highest=6,
            given_out=4,
            behind=2,
            missing=2,
            excused=0,
            parts=(Part(first=1, last=6, count=6, missing=2),),
        ),
        Counted(
            part="2026/K2",
            numbered=0,
            first=1,
            lowest=None,
            highest=None,
            given_out=None,
            behind=0,
            missing=0,
            excused=0,
            parts=(),
        ),
        rest=1,
    ),
)


def test_parts_as_text():
    """A line for each part, and findings with the part that they are in."""
    assert (
        "Parts (3):\n"
        "  2026/K1: 1 to 6, on 4 documents; 2 missing; its counter stands at 4, 2 "
        "behind the documents: adopt their numbers\n"
        "  2026/K2: on no document; its counter has given out none\n"
        "  and 1 more\n"
        "\n"
        "Missing, unexplained (1):\n"
        "  2026/K1: 2 to 3 (2)\n"
        "\n"
        "On several documents (1):\n"
        "  2026/K1: 5, on 2 documents\n"
        "\n"
        "Out of order (1):\n"
        "  2026/K1: 6 of 1, after 2\n"
    ) in rendered([PARTS], "text")


def test_parts_as_csv():
    """A column for the part."""
    rows = list(csv.reader(io.StringIO(rendered([PARTS], "csv"))))
    assert [row[1:6] for row in rows[1:4]] == [
        ["2026/K1", "counter behind", "4", "6", "2"],
        ["2026/K1", "Missing, unexplained", "2", "3", "2"],
        ["2026/K1", "On several documents", "5", "5", "1"],
    ]


def test_parts_as_html():
    """A picture for each part that has numbers."""
    tags = Tags(rendered([PARTS], "html"))
    assert (tags.open, tags.seen.count("svg")) == ([], 1)


def test_what_is_explained_is_clean():
    """An explained gap is told, and is no finding that nothing explains."""
    assert CLEAN.is_clean
    assert rendered([CLEAN], "text").endswith("\nNothing is unexplained.\n")


def test_a_terminal_is_left_alone():
    """Control characters of the database do not reach it."""
    odd = attrs.evolve(CLEAN, table="a\x1b[2Jb\nc")
    assert "a\\x1b[2Jb\\nc.number" in rendered([odd], "text")


def test_json():
    """All facts, as a program reads them."""
    [data] = json.loads(rendered([AUDIT], "json"))["audits"]
    assert data["unexplained"] == 7
    assert data["is_clean"] is False
    assert data["taken_at"] == "2026-05-04T03:02:01+00:00"
    assert data["gaps"] == {
        "count": 3,
        "listed": [
            {
                "first": 17,
                "last": 17,
                "count": 1,
                "explanation": None,
                "part": None,
                "reason": "",
                "given": [],
            },
            {
                "first": 20,
                "last": 22,
                "count": 3,
                "explanation": None,
                "part": None,
                "reason": "",
                "given": [
                    {
                        "first": 20,
                        "last": 20,
                        "key": "order-20",
                        "document": "shop.Invoice:3",
                        "user": "ada",
                        "at": "2026-05-04T03:00:00+00:00",
                    }
                ],
            },
        ],
    }
    assert data["explained"]["listed"][0]["explanation"] == "free, in the pool"
    assert [part["missing"] for part in data["parts"]] == [9, 0]


def test_csv():
    """A line for each finding, and one for those that are not listed."""
    rows = list(csv.reader(io.StringIO(rendered([AUDIT], "csv"))))
    assert rows[0] == ["column", "part", "finding", "first", "last", "count", "detail"]
    assert [row[2:] for row in rows[1:]] == [
        ["counter behind", "410", "412", "2", ""],
        ["Missing, unexplained", "17", "17", "1", ""],
        ["Missing, unexplained", "20", "22", "3", GIVEN_TOLD],
        ["Missing, unexplained", "", "", "1", "not listed"],
        ["Missing, explained", "30", "30", "1", "free, in the pool"],
        ["Missing, explained", "31", "32", "2", "void: torn, <b>both</b>"],
        ["On several documents", "55", "55", "1", "on 2 documents"],
        ["Out of order", "200", "200", "1", "200 of 2008-12-31, after 2009-02-01"],
        ["Not possible in this series", "'-8", "'-8", "1", ""],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_spreadsheet_runs_a_cell(start):
    """What would be a formula is text there."""
    odd = attrs.evolve(
        CLEAN, outside=findings(Outside(number=f"{start}cmd|' /C x'!A0"))
    )
    row = list(csv.reader(io.StringIO(rendered([odd], "csv"))))[-1]
    assert row[3] == f"'{start}cmd|' /C x'!A0"


def test_a_line_of_csv_is_one_finding():
    """Control characters break no line, and hide no formula."""
    odd = attrs.evolve(CLEAN, outside=findings(Outside(number="\r\n=1")))
    row = list(csv.reader(io.StringIO(rendered([odd], "csv"))))[-1]
    assert row[3] == "\\r\\n=1"


class Tags(HTMLParser):
    """Reads a page, and sees that what is opened is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        self.attributes += attributes
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html():
    """One well-formed page with a picture, which asks nobody for anything."""
    page = rendered([AUDIT, CLEAN], "html")
    tags = Tags(page)
    assert tags.open == []
    assert tags.seen.count("svg") == 2
    assert "<title>1 to 206: 9 missing, 1 explained</title>" in page
    assert '<rect class="missing" x="0" y="0" width="1" height="6"/>' in page
    assert "7 findings are unexplained." in page
    assert not {"script", "link", "img", "iframe"} & set(tags.seen)
    assert not {"src", "href", "onload"} & {name for name, _ in tags.attributes}


def test_html_escapes_everything():
    """Names and values of a database are text, whatever they look like."""
    odd = attrs.evolve(
        AUDIT,
        sequence=EVIL,
        using=EVIL,
        table=EVIL,
        column=EVIL,
        order_by=EVIL,
        disorder=findings(Disorder(number=1, at=EVIL, after=EVIL)),
        outside=findings(Outside(number=EVIL)),
    )
    page = rendered([odd], "html")
    assert "script" not in Tags(page).seen
    assert EVIL not in page


@pytest.mark.parametrize("form", FORMS)
def test_no_audit_at_all(form):
    """Every form can say nothing."""
    assert isinstance(rendered([], form), str)
