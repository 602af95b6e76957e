"""The ledger of a sequence: entries are written once, and never changed."""

from __future__ import annotations

from contextlib import closing
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from django.db import connections
from django.db.models import QuerySet
from django.utils import timezone

from sequences.contention import translated
from sequences.counters.base import stored
from sequences.errors import InvalidSequence
from sequences.ledger.divided import divided
from sequences.ledger.findings import Explanation, Gap
from sequences.ledger.kept import is_kept
from sequences.ledger.last_words import LastWords
from sequences.ledger.rows import ASSIGNED, RESERVED, VOID, entries_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from sequences.counters import Counter
    from sequences.ledger.facts import Facts
    from sequences.ledger.findings import Given

# Locked, since a plain read may be older than the lock of the counter.
FIND: Final = """
      SELECT {id}, {first}, {last}
        FROM {table}
       WHERE {name} = %(name)s AND {key} = %(key)s
    {for_update}
"""

RECORD: Final = """
    INSERT INTO {table}
                ({name}, {first}, {last}, {state}, {key}, {document}, {user},
                 {reason}, {at})
         VALUES (%(name)s, %(first)s, %(last)s, %(state)s, %(key)s, %(document)s,
                 %(user)s, %(reason)s, %(at)s)
"""

TOLD: Final = 10
"""Of so many entries an audit tells, for one gap."""

_COLUMNS: Final = (
    "id",
    "name",
    "first",
    "last",
    "state",
    "key",
    "document",
    "user",
    "reason",
    "at",
)


@lru_cache(maxsize=32)
def _quoted(statement: str, using: str) -> str:
    connection = connections[using]
    quote = connection.ops.quote_name
    return statement.format(
        table=quote(stored("LedgerEntry")._meta.db_table),
        for_update="FOR UPDATE" if connection.features.has_select_for_update else "",
        **{column: quote(column) for column in _COLUMNS},
    )


def voids_by_part(name: str, using: str, step: int) -> Iterator[tuple[str, Gap]]:
    """Stream what is void in the parts of a series: the part, and by number."""
    entries = stored("LedgerEntry")._base_manager.using(using)
    prefix = f"{name}/"
    found = entries.filter(name__startswith=prefix, state=VOID)
    with _streamed(found.order_by("name", "first")) as rows:
        for entry in rows:
            if entry.name.startswith(prefix):  # to SQLite capitals are small letters
                yield entry.name.removeprefix(prefix), _explained(entry, step)


def _streamed(entries: QuerySet[Any]) -> closing[Generator[Any, None, None]]:
    """Stream entries; whoever stops earlier closes their cursor by that."""
    rows = cast("Generator[Any, None, None]", entries.iterator(chunk_size=2_000))
    return closing(rows)


def _explained(entry: Any, step: int) -> Gap:
    return Gap(
        first=entry.first,
        last=entry.last,
        count=(entry.last - entry.first) // step + 1,
        explanation=Explanation.VOID,
        reason=entry.reason,
    )


class Ledger:
    """
    The ledger of one sequence. Who writes it holds the counter.

    :ivar counter: the counter of the sequence.
    """

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self._name = counter.sequence.sequence_name

    def find(self, key: str, count: int = 1) -> range | None:
        """
        Give the numbers that a key was given, None if it was given none.

        :raises NumberVoid: if one of them is void now.
        :raises InvalidSequence: if they are not so many.
        """
        statement = _quoted(FIND, self.counter.using)
        with translated(self.counter), self.counter.connection.cursor() as cursor:
            cursor.execute(statement, {"name": self._name, "key": key})
            rows = cursor.fetchall()
        if not rows:
            return None
        [(entry, first, last)] = rows
        LastWords(self.counter).refuse_void(first, last, given_by=entry)
        found = range(first, last + 1, self.counter.sequence.increment)
        if len(found) != count:
            reason = f"key {key!r} was given {len(found)} numbers, not {count}."
            raise InvalidSequence(self._name, reason)
        return found

    def record(self, first: int, last: int, facts: Facts) -> None:
        """Write that numbers were given out, and for which document, if it is told."""
        self._write(
            first=first,
            last=last,
            state=ASSIGNED if facts.document else RESERVED,
            key=facts.key,
            document=facts.document,
            user=facts.user,
            reason="",
        )

    def assign(self, value: int, *, document: str, user: str) -> None:
        """Write on which document a number is that was given out before."""
        self._write(
            first=value,
            last=value,
            state=ASSIGNED,
            key=None,
            document=document,
            user=user,
            reason="",
        )

    def void(self, first: int, last: int, *, reason: str, user: str) -> None:
        """Write that numbers are void."""
        self._write(
            first=first,
            last=last,
            state=VOID,
            key=None,
            document="",
            user=user,
            reason=reason,
        )

    def voids(self) -> Generator[Gap, None, None]:
        """Stream what is void, by number. Close it where it is not read to its end."""
        entries = entries_of(self.counter).filter(state=VOID).order_by("first")
        step = self.counter.sequence.increment
        with _streamed(entries) as rows:
            for entry in rows:
                yield _explained(entry, step)

    def given(self, first: int, last: int) -> tuple[Given, ...]:
        """
        Give what it says of numbers that were given out; the first ten by number.

        What was reserved is divided where a number of it was assigned later.
        """
        reserved, assigned = (
            self._among(state, first, last)[:TOLD] for state in (RESERVED, ASSIGNED)
        )
        numbers = range(first, last + 1, self.counter.sequence.increment)
        return tuple(divided(reserved, assigned, numbers)[:TOLD])

    def count(self) -> int:
        """Tell how many entries there are; none where there is no table of them."""
        if not is_kept("LedgerEntry", self.counter.using):
            return 0
        return entries_of(self.counter).count()

    def _among(self, state: str, first: int, last: int) -> QuerySet[Any]:
        """
        Give the entries about one of some numbers, by number.

        In one look for each gap, however many entries there are: so of those that begin
        before, only the last is seen. Entries of one state lie over each other only
        where a counter was set back by force.
        """
        entries = entries_of(self.counter).filter(state=state)
        # An assigned one has one number, which may have been assigned before.
        before = entries.filter(first__lte=first).order_by("-first")
        begins = next(iter(before.values_list("first", flat=True)[:1]), first)
        within = entries.filter(first__gte=begins, first__lte=last, last__gte=first)
        return within.order_by("first")

    def _write(self, **entry: Any) -> None:
        connection = self.counter.connection
        at = connection.ops.adapt_datetimefield_value(timezone.now())
        statement = _quoted(RECORD, self.counter.using)
        with translated(self.counter), connection.cursor() as cursor:
            cursor.execute(statement, {"name": self._name, "at": at, **entry})
