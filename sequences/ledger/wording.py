"""How an audit is put into words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sequences.ledger.findings import Disorder, Double, Gap, Given, Outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sequences.ledger.findings import Audit, Counted


def heading(audit: Audit) -> str:
    """Say what was audited."""
    where = f"{shown(audit.table)}.{shown(audit.column)} on database {audit.using!r}"
    return where if audit.sequence is None else f"Sequence {audit.sequence!r}: {where}"


def facts(audit: Audit) -> Iterator[tuple[str, str]]:
    """Give what there is, by name."""
    unnumbered = audit.documents - audit.numbered
    without = f", {unnumbered} of them without a number" if unnumbered else ""
    yield "documents", f"{audit.documents}{without}"
    if audit.by_part.count:
        yield "parts", f"{audit.by_part.count}"
    if audit.lowest is not None:
        yield "numbers", f"{audit.lowest} to {audit.highest}"
    if audit.sequence is not None and not audit.by_part.count:
        yield "counter", _counter(audit)
    missing = f"{audit.missing} unexplained"
    yield "missing", missing + (f", {audit.excused} explained" if audit.excused else "")
    if audit.writers:
        them = "transaction was" if audit.writers == 1 else "transactions were"
        yield "still open", f"{audit.writers} {them} writing; what it adds is not seen"
    yield "read at", f"{audit.taken_at:%Y-%m-%d %H:%M:%S} UTC"


def _counter(audit: Audit | Counted) -> str:
    last = audit.given_out
    stands = "has given out none" if last is None else f"stands at {last}"
    if not audit.behind:
        return stands
    return f"{stands}, {audit.behind} behind the documents: adopt their numbers"


def summary(part: Counted, *, with_counter: bool) -> str:
    """Say in a line what one part looks like."""
    numbers = (
        "on no document"
        if part.lowest is None
        else f"{part.lowest} to {part.highest}, on {_documents(part.numbered)}"
    )
    counter = f"; its counter {_counter(part)}" if with_counter else ""
    missing = f"; {part.missing} missing" if part.missing else ""
    return f"{shown(part.part)}: {numbers}{missing}{counter}"


def _documents(count: int) -> str:
    return "1 document" if count == 1 else f"{count} documents"


def placed(finding: Gap | Double | Disorder | Outside) -> str:
    """Say one finding in a line, and in which part it is."""
    part = None if isinstance(finding, Outside) else finding.part
    return told(finding) if part is None else f"{shown(part)}: {told(finding)}"


def told(finding: object) -> str:
    """Say one finding in a line."""
    match finding:
        case Gap(first=first, last=last, count=count):
            numbers = f"{first}" if count == 1 else f"{first} to {last} ({count})"
            why = detail(finding)
            return f"{numbers}: {why}" if why else numbers
        case Double(number=number, count=count):
            return f"{number}, on {count} documents"
        case Disorder(number=number, at=at, after=after):
            return f"{number} of {shown(at)}, after {shown(after)}"
        case Outside(number=number):
            return shown(number)
    raise TypeError(finding)


def detail(gap: Gap) -> str:
    """Say what is known of a gap, or nothing."""
    if gap.explanation is None:
        return "; ".join(_given(given) for given in gap.given)
    reason = f": {shown(gap.reason)}" if gap.reason else ""
    return f"{gap.explanation.value}{reason}"


def _given(given: Given) -> str:
    numbers = str(given.first)
    if given.last > given.first:
        numbers += f" to {given.last}"
    told = [f"{numbers} given out {given.at:%Y-%m-%d %H:%M:%S}"]
    if given.user:
        told.append(f"by {shown(given.user)}")
    if given.document:
        told.append(f"for {shown(given.document)}")
    if given.key is not None:
        told.append(f"with key {shown(given.key)}")
    return f"{' '.join(told)}, and on no document"


def verdict(audit: Audit) -> str:
    """Say whether all is well."""
    count = audit.unexplained
    if not count:
        return "Nothing is unexplained."
    return f"{count} {'finding is' if count == 1 else 'findings are'} unexplained."


def shown(text: str) -> str:
    """Give a text of the database without what would move a terminal's cursor."""
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1]
        for character in text
    )
