"""
The README and the pages of docs/ as examples that can be run.

A page is read from top to bottom, all its Python in one namespace:

- a ``python`` block is executed. The line before it may name its file, which changes
  nothing here: ``In `shop/models.py`:``;
- a ``text`` block right behind it is what it prints, and the error it raises, whole;
- a ``console`` block holds commands after ``$``, each followed by what it prints.

Spaces and line breaks do not count where output is compared, and ``...`` stands for
anything. Blocks of other languages are only shown.
"""

from __future__ import annotations

import doctest
import io
import re
import traceback
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*/*.md"))]

_FENCE = re.compile(
    r"(?:^(?:In|Add to) `(?P<file>[^`]+)`[^\n]*:\n\n?)?"
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_COMPARISON = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@dataclass(kw_only=True)
class Block:
    """
    A fenced block; ``line`` is where its text begins on the page.

    ``file`` is named by the line before it, which says whether it is added there.
    ``output`` is the text of the ``text`` block behind it, if there is one.
    """

    language: str
    text: str
    line: int
    file: str | None = None
    is_addition: bool = False
    output: str = ""


def blocks_of(page: Path) -> list[Block]:
    """Give the blocks of a page; a ``text`` block belongs to the one before it."""
    found: list[Block] = []
    source = page.read_text()
    for match in _FENCE.finditer(source):
        if match["language"] == "text":
            assert found, f"{page.name} begins with the output of nothing"
            found[-1].output = match["text"]
            continue
        found.append(
            Block(
                language=match["language"],
                text=match["text"],
                line=source.count("\n", 0, match.start("text")) + 1,
                file=match["file"],
                is_addition=match[0].startswith("Add to"),
            )
        )
    return found


def commands_in(block: Block) -> Iterator[tuple[str, str]]:
    """Give each command of a ``console`` block, and what it is said to print."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def run_python(block: Block, namespace: dict[str, Any]) -> str:
    """Execute a block; give what it printed, and its error as Python shows it."""
    name = Path(block.file).name if block.file else "example.py"
    printed = io.StringIO()
    error = ""
    code = compile(block.text, name, "exec", dont_inherit=True)
    with redirect_stdout(printed):
        try:
            exec(code, namespace)  # noqa: S102 - our own pages
        except Exception as raised:
            if not block.output:
                raise
            error = "".join(traceback.format_exception_only(raised))
    return printed.getvalue() + error


def assert_same(told: str, real: str, where: str) -> None:
    """Compare what a page tells with what happens."""
    checker = doctest.OutputChecker()
    if not checker.check_output(told, real, _COMPARISON):
        raise AssertionError(f"{where} tells\n{told}\nbut it is\n{real}")
