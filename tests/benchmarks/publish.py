"""Results in the documentation: the tables of its page, the picture, and the data."""

import json
import re
from pathlib import Path
from typing import Any

from tests.benchmarks.measurements import shown
from tests.benchmarks.plot import plot
from tests.benchmarks.server import ROOT

PAGE = ROOT / "docs/explanation/measurements.md"
DATA = ROOT / "docs/_static/measurements.json"
PICTURE = ROOT / "docs/_static/measurements.svg"

MARKED = re.compile(r"<!-- (?P<name>\w+) -->\n.*?<!-- end -->", re.DOTALL)


def publish(file: Path) -> None:
    """Show results in the documentation, and keep them there."""
    data = file.read_text()
    results = json.loads(data)
    DATA.write_text(data)
    PICTURE.write_text(plot(results))
    PAGE.write_text(with_tables(PAGE.read_text(), results))


def with_tables(page: str, results: dict[str, Any]) -> str:
    """Give the page with these results, each between its marks."""

    def marked(match: re.Match[str]) -> str:
        name = match["name"]
        return f"<!-- {name} -->\n{text_of(name, results.get(name))}\n<!-- end -->"

    return MARKED.sub(marked, page)


def text_of(name: str, found: Any) -> str:
    if not found:
        return "Not measured."
    if name == "machine":
        return ", ".join(f"{what} {value}" for what, value in found.items()) + "."
    return shown(name, found).strip()
