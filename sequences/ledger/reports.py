"""
Audits as text, JSON, CSV and HTML.

A page speaks the active language. The other three are for programs, and for terminals,
where commands speak English: they are the same in every language.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

import attrs
from django.utils.translation import override

from sequences.ledger.findings import Audit, Disorder, Double, Gap, Outside
from sequences.ledger.pages import as_html
from sequences.ledger.wording import (
    KINDS,
    detail,
    facts,
    heading,
    more,
    placed,
    shown,
    summary,
    told,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

# What a spreadsheet would run as a formula.
_FORMULA: Final = ("=", "+", "-", "@")


def rendered(audits: Sequence[Audit], form: str) -> str:
    """
    Give audits as a report.

    :param form: one of ``FORMS``.
    """
    return FORMS[form](audits)


def as_text(audits: Iterable[Audit]) -> str:
    """Give them as text, for people at a terminal."""
    with override(None):
        return "\n".join("".join(f"{line}\n" for line in _lines(it)) for it in audits)


def as_json(audits: Iterable[Audit]) -> str:
    """Give them as JSON: the attributes of :class:`Audit`, and what follows of them."""
    data = {"audits": [_as_data(audit) for audit in audits]}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_csv(audits: Iterable[Audit]) -> str:
    """Give their findings as CSV, a line each; spreadsheets run none as a formula."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["column", "part", "finding", "first", "last", "count", "detail"])
    with override(None):
        for audit in audits:
            where = f"{audit.table}.{audit.column}"
            for row in _rows(audit):
                rows.writerow([_harmless(cell) for cell in (where, *row)])
    return out.getvalue()


FORMS: Final[dict[str, Callable[[Sequence[Audit]], str]]] = {
    "text": as_text,
    "json": as_json,
    "csv": as_csv,
    "html": as_html,
}
"""The forms of a report, by name."""


def _lines(audit: Audit) -> Iterator[str]:
    yield heading(audit)
    yield ""
    for name, fact in facts(audit):
        yield f"  {name:<11} {fact}"
    if audit.by_part.count:
        yield ""
        yield f"Parts ({audit.by_part.count}):"
        for part in audit.by_part.listed:
            yield f"  {summary(part, with_counter=audit.sequence is not None)}"
        if audit.by_part.rest:
            yield f"  {more(audit.by_part.rest)}"
    for kind, title in KINDS.items():
        findings = getattr(audit, kind)
        if not findings.count:
            continue
        yield ""
        yield f"{title} ({findings.count}):"
        for finding in findings.listed:
            yield f"  {placed(finding)}"
        if findings.rest:
            yield f"  {more(findings.rest)}"
    yield ""
    yield verdict(audit)


def _as_data(audit: Audit) -> dict[str, Any]:
    data = attrs.asdict(audit, value_serializer=_plain)
    data["unexplained"] = audit.unexplained
    data["is_clean"] = audit.is_clean
    return data


def _plain(_: object, __: object, value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return getattr(value, "value", value)


def _rows(audit: Audit) -> Iterator[tuple[object, ...]]:
    if audit.behind and not audit.by_part.count:
        yield "", "counter behind", audit.given_out, audit.highest, audit.behind, ""
    for part in audit.by_part.listed:
        if part.behind and audit.behind:
            behind = part.given_out, part.highest, part.behind
            yield part.part, "counter behind", *behind, ""
    for kind, title in KINDS.items():
        findings = getattr(audit, kind)
        for finding in findings.listed:
            yield getattr(finding, "part", None) or "", str(title), *_cells(finding)
        if findings.rest:
            yield "", str(title), "", "", findings.rest, "not listed"


def _cells(finding: object) -> tuple[object, ...]:
    match finding:
        case Gap(first=first, last=last, count=count):
            return first, last, count, detail(finding)
        case Double(number=number, count=count):
            return number, number, 1, f"on {count} documents"
        case Disorder(number=number):
            return number, number, 1, told(finding)
        case Outside(number=text):
            return text, text, 1, ""
    raise TypeError(finding)


def _harmless(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    text = shown(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
