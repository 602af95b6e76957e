"""Audits as one page of HTML that needs nothing else: no script, font or network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.utils.html import escape

from sequences.ledger.wording import facts, heading, placed, summary, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sequences.ledger.findings import Audit, Part

STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem;
       padding: 0 1rem; }
h1 { font-size: 1.25rem; }
"""
"""How a page of its own looks; how an audit looks stands in a file for the admin."""

_STYLE_OF_AUDIT: Final = Path(__file__).parents[1] / "static/sequences/audit.css"

_HEIGHT: Final = 30


def as_html(audits: Iterable[Audit], kinds: Mapping[str, str]) -> str:
    """Give audits as a page; ``kinds`` names the findings by their attribute."""
    body = "\n".join(section(audit, kinds) for audit in audits)
    style = STYLE + _STYLE_OF_AUDIT.read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Audit of numbers</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def section(audit: Audit, kinds: Mapping[str, str]) -> str:
    """Give one audit as a part of a page, which has our style sheet."""
    return "\n".join(_section(audit, kinds))


def _section(audit: Audit, kinds: Mapping[str, str]) -> Iterator[str]:
    yield f'<section class="audit">\n<h1>{escape(heading(audit))}</h1>'
    yield f'<p class="verdict">{escape(verdict(audit))}</p>'
    if audit.parts:
        yield from _strip(audit.parts)
    yield "<dl>"
    for name, fact in facts(audit):
        yield f"<dt>{escape(name)}</dt><dd>{escape(fact)}</dd>"
    yield "</dl>"
    for part in audit.by_part.listed:
        line = summary(part, with_counter=audit.sequence is not None)
        yield f"<p>{escape(line)}</p>"
        if part.parts:
            yield from _strip(part.parts)
    if audit.by_part.rest:
        yield f"<p>and {audit.by_part.rest} more parts</p>"
    for kind, title in kinds.items():
        findings = getattr(audit, kind)
        if not findings.count:
            continue
        yield f"<h2>{escape(title)} ({findings.count})</h2>\n<ul>"
        for finding in findings.listed:
            yield f"<li>{escape(placed(finding))}</li>"
        if findings.rest:
            yield f"<li>and {findings.rest} more</li>"
        yield "</ul>"
    yield "</section>"


def _strip(parts: tuple[Part, ...]) -> Iterator[str]:
    """Draw the numbers from left to right: what is missing is cut out from above."""
    yield (
        f'<svg viewBox="0 0 {len(parts)} {_HEIGHT}" preserveAspectRatio="none" '
        f'role="img" aria-label="The numbers, and where some are missing">'
    )
    for index, part in enumerate(parts):
        missing = _height(part.missing, part.count)
        excused = min(_height(part.explained, part.count), _HEIGHT - missing)
        yield f"<g><title>{_caption(part)}</title>"
        yield _bar(index, 0, _HEIGHT, "there")
        if missing:
            yield _bar(index, 0, missing, "missing")
        if excused:
            yield _bar(index, missing, excused, "excused")
        yield "</g>"
    yield "</svg>"
    first, last = parts[0].first, parts[-1].last
    yield f'<div class="ends"><span>{first}</span><span>{last}</span></div>'


def _height(count: int, of: int) -> int:
    """Give the height of a share: one missing number among many is still seen."""
    return max(6, round(count * _HEIGHT / of)) if count else 0


def _caption(part: Part) -> str:
    explained = f", {part.explained} explained" if part.explained else ""
    return f"{part.first} to {part.last}: {part.missing} missing{explained}"


def _bar(x: int, y: int, height: int, kind: str) -> str:
    return f'<rect class="{kind}" x="{x}" y="{y}" width="1" height="{height}"/>'
