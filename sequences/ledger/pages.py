"""
Audits as one page of HTML that needs nothing else: no script, font or network.

In the active language. Numbers have no separators of thousands in any: each stands as
it does on its document.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.utils.html import escape
from django.utils.translation import gettext, pgettext

from sequences.ledger.wording import (
    KINDS,
    caption,
    facts,
    heading,
    more,
    placed,
    summary,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def as_html(audits: Iterable[Audit]) -> str:
    """Give audits as a page."""
    body = "\n".join(section(audit) for audit in audits)
    # Told by the texts: where the active language has none, they are in another.
    language = escape(pgettext("audit", "en"))
    title = escape(gettext("Audit of numbers"))
    style = STYLE + _STYLE_OF_AUDIT.read_text(encoding="utf-8")
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def section(audit: Audit) -> str:
    """Give one audit as a part of a page, which has our style sheet."""
    return "\n".join(_section(audit))


def _section(audit: Audit) -> Iterator[str]:
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
        yield f"<p>{escape(more(audit.by_part.rest))}</p>"
    for kind, title in KINDS.items():
        findings = getattr(audit, kind)
        if not findings.count:
            continue
        yield f"<h2>{escape(title)} ({findings.count})</h2>\n<ul>"
        for finding in findings.listed:
            yield f"<li>{escape(placed(finding))}</li>"
        if findings.rest:
            yield f"<li>{escape(more(findings.rest))}</li>"
        yield "</ul>"
    yield "</section>"


def _strip(parts: tuple[Part, ...]) -> Iterator[str]:
    """Draw the numbers from left to right: what is missing is cut out from above."""
    label = escape(gettext("The numbers, and where some are missing"))
    yield (
        f'<svg viewBox="0 0 {len(parts)} {_HEIGHT}" preserveAspectRatio="none" '
        f'role="img" aria-label="{label}">'
    )
    for index, part in enumerate(parts):
        missing = _height(part.missing, part.count)
        excused = min(_height(part.explained, part.count), _HEIGHT - missing)
        yield f"<g><title>{escape(caption(part))}</title>"
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


def _bar(x: int, y: int, height: int, kind: str) -> str:
    return f'<rect class="{kind}" x="{x}" y="{y}" width="1" height="{height}"/>'
