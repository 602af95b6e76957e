"""What holds of a number: of several entries about it, the last one."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sequences.errors import BE_ASSIGNED, NumberOnDocument, NumberVoid
from sequences.ledger.rows import ASSIGNED, RESERVED, VOID, entries_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from sequences.counters import Counter


class LastWords:
    """
    What the ledger of one sequence says last. Who asks holds the counter.

    Where that was set back by force, a number may be given out anew: what was said of
    it before holds no more. Entries may lie over each other then, in any way.

    :ivar counter: the counter of the sequence.
    """

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self._name = counter.sequence.sequence_name

    def refuse_void(
        self, first: int, last: int, *, given_by: int | None = None
    ) -> None:
        """
        Refuse numbers of which one is void.

        :param given_by: the entry by which they were given out; None: by any. To one,
            they stay void when they are given out anew.
        :raises NumberVoid: if one is.
        """
        # Also of ranges that begin far before: voids are few, as each has its reason.
        # Locked, since a plain read may be older than the lock of the counter.
        rows = self._about(first, last).filter(state=VOID).select_for_update()
        voids = [entry for entry in rows if entry.id > (given_by or 0)]
        if not voids:
            return
        anew: Iterable[Any] = ()
        if given_by is None:
            anew = self._given_out_since(min(it.id for it in voids), first, last)
        found = first_void(voids, anew, self._range(first, last))
        if found is not None:
            value, entry = found
            raise NumberVoid(
                self._name,
                value=value,
                reason=entry.reason,
                at=f"{entry.at:%Y-%m-%d}",
            )

    def names(self, value: int, document: str) -> bool:
        """
        Tell whether a number is assigned to a document already.

        :raises NumberOnDocument: if it is assigned to another one.
        """
        found = self._document_of(value)
        if found not in ("", document):
            raise NumberOnDocument(
                self._name, value=value, document=found, deed=BE_ASSIGNED
            )
        return bool(found)

    def refuse_assigned(self, first: int, last: int) -> None:
        """
        Refuse to void numbers of which one is assigned to a document.

        :raises NumberOnDocument: if one is.
        """
        assigned = entries_of(self.counter).filter(state=ASSIGNED, first__lte=last)
        by_number = assigned.select_for_update().order_by("first")
        numbers = by_number.values_list("first", flat=True)
        # One by one: mostly the first is refused, and of a long range many are.
        while found := numbers.filter(first__gte=first)[:1]:
            [value] = found
            document = self._document_of(value)
            if document:
                raise NumberOnDocument(self._name, value=value, document=document)
            first = value + 1

    def _document_of(self, value: int) -> str:
        """Give the document that a number is assigned to; empty if to none."""
        assigned = entries_of(self.counter).filter(state=ASSIGNED, first=value)
        for entry in assigned.select_for_update().order_by("-id")[:1]:
            anew = self._given_out_since(entry.id, value, value)
            if not anew.exists():
                return str(entry.document)
        return ""

    def _given_out_since(self, entry: int, first: int, last: int) -> QuerySet[Any]:
        """
        Give the entries by which some of these numbers were given out since another.

        Not locked: by their age some databases find them among those of all sequences,
        and would wait there for others. In a snapshot of MariaDB or MySQL it is seen
        too late that a counter was set back: what was said before still holds there.
        """
        since = self._about(first, last).filter(id__gt=entry)
        return since.filter(state__in=(RESERVED, ASSIGNED))

    def _about(self, first: int, last: int) -> QuerySet[Any]:
        return entries_of(self.counter).filter(first__lte=last, last__gte=first)

    def _range(self, first: int, last: int) -> range:
        return range(first, last + 1, self.counter.sequence.increment)


def first_void(
    voids: Iterable[Any], anew: Iterable[Any], numbers: range
) -> tuple[int, Any] | None:
    """
    Give the first number that is void, with the entry that says so; None if none is.

    :param voids: the entries by which numbers became void.
    :param anew: those by which numbers were given out: what is younger holds.
    :param numbers: those of which it is asked.
    """
    found = []
    by_number = sorted(anew, key=attrgetter("first"))
    for void in voids:
        number = max(void.first, numbers[0])
        for entry in by_number:
            if entry.first <= number <= entry.last and entry.id > void.id:
                number = entry.last + numbers.step
        if number <= min(void.last, numbers[-1]):
            found.append((number, void))
    return min(found, key=lambda it: (it[0], -it[1].id), default=None)
