"""Numbers that were given out, divided by the documents that were told later. Pure."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sequences.ledger.findings import Given

if TYPE_CHECKING:
    from collections.abc import Iterable


def divided(
    reserved: Iterable[Any], assigned: Iterable[Any], numbers: range
) -> list[Given]:
    """
    Tell to whom numbers were given out, by number: each with its document.

    :param reserved: the entries of numbers whose document was not told.
    :param assigned: the entries that tell one: of one number each, be it given out with
        it, or reserved before.
    :param numbers: of which it is told.
    """
    told = []
    later = {entry.first: entry for entry in sorted(assigned, key=attrgetter("id"))}
    for entry in reserved:
        begin = max(entry.first, numbers[0])
        for number in sorted(later):
            # One that is older is of another round: its counter was set back since.
            if begin <= number <= entry.last and entry.id < later[number].id:
                told.append(_given(entry, begin, number - numbers.step))
                document = later.pop(number).document
                told.append(_given(entry, number, number, document))
                begin = number + numbers.step
        told.append(_given(entry, begin, min(entry.last, numbers[-1])))
    told += [_given(entry, number, number) for number, entry in later.items()]
    return sorted((it for it in told if it.first <= it.last), key=attrgetter("first"))


def _given(entry: Any, first: int, last: int, document: str | None = None) -> Given:
    return Given(
        first=first,
        last=last,
        key=entry.key,
        document=entry.document if document is None else document,
        user=entry.user,
        at=entry.at,
    )
