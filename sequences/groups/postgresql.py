"""PostgreSQL: all in one call, which the followers leave as soon as they can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from django.db import DataError
from django.db.models import F
from django.utils import timezone

from sequences.contention import has_reached_its_end, translated
from sequences.counters.base import counter_model
from sequences.counters.postgresql import aligned, queue_of
from sequences.errors import Conflict
from sequences.groups.base import Group, Round, comes_twice
from sequences.quoting import composed

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sequences.errors import SequenceExhausted

# One call, in autocommit: the lock is gone when it returns.
TAKE_PART: Final = """
      SELECT size, own_number
        FROM sequences_take_part(%s # '{table}'::regclass::int8, %s, %s, %s)
"""

# The rows are locked before they are counted: one that vanished while it waited would
# leave a gap. The order of their places is that of the locking select. Parameters of
# the select are positional, so those of ours are as well, all in one place. Where a
# document comes twice, the size is -1 and nothing moves.
NUMBER: Final = """
        WITH given (name, first, step, highest, queue) AS (
                VALUES (%s, %s::bigint, %s::bigint, %s::bigint, %s::bigint)),
             locked AS MATERIALIZED ({pending} FOR UPDATE OF {documents}),
             pending AS (SELECT document_ AS document, row_number() OVER () AS place
                           FROM locked),
             together AS (
                SELECT CASE WHEN count(*) > count(DISTINCT document) THEN -1
                            WHEN {aligned} THEN count(*)
                            ELSE -2 END AS size
                  FROM pending),
             queued AS MATERIALIZED (
                SELECT pg_advisory_xact_lock(
                           queue # '{counters}'::regclass::int8) FROM given),
             moved AS (
                INSERT INTO {counters} AS counter (name, last)
                     SELECT name, first + (size - 1) * step
                       FROM given, together, queued
                      WHERE size > 0
                ON CONFLICT (name)
              DO UPDATE SET last = counter.last + (SELECT size * step
                                                     FROM given, together)
                  RETURNING last),
             numbers AS (
                SELECT document, moved.last - (size - place) * step AS number
                  FROM given, pending, together, moved
                 WHERE moved.last <= highest),
             numbered AS (
                UPDATE {documents}
                   SET {column} = numbers.number{beside}
                  FROM numbers
                 WHERE {documents}.{key} = numbers.document)
      SELECT together.size, moved.last
        FROM together LEFT JOIN moved ON true
"""

TEXT: Final = """
    %s || lpad(numbers.number::text, greatest(%s, length(numbers.number::text)), '0')
       || %s
"""


COMES_TWICE: Final = -1
DOCUMENTS_AHEAD: Final = -2

READ: Final = "SELECT {column} FROM {documents} WHERE {key} = %s"

numberings: Final[WeakKeyDictionary[QuerySet[Any], dict[Any, str]]] = (
    WeakKeyDictionary()
)
"""What was made of a query set, which takes longer than to run it."""

MOST_KEPT: Final = 256
"""How many statements are kept of one query set: one for each part of a series."""


class PostgreSQLGroup(Group):
    """Pending rows behind an advisory lock."""

    text = TEXT

    def take_part(self) -> Round:
        """Lead, or wait for who leads: one round trip."""
        progression = self.counter.sequence.progression
        parameters = (
            queue_of(f"group of {self.counter.sequence.sequence_name}"),
            self._numbering,
            self._reading,
            progression.limit,
        )
        try:
            with translated(self.counter), self.counter.connection.cursor() as cursor:
                cursor.execute(self.counter.quoted(TAKE_PART), parameters)
                count, own_number = cursor.fetchone()
        except DataError as error:
            if not has_reached_its_end(error):
                raise
            raise self._exhausted() from error
        if count == DOCUMENTS_AHEAD:
            # Nothing is locked: who numbers documents meanwhile moves the counter with
            # them, so that is read last.
            documents = self.counter.highest_number()
            self.counter.require_level(self.counter.read(), documents)
            # Somebody has realigned it just now.
            raise Conflict(self.counter.sequence.sequence_name, self.counter.using)
        if count == COMES_TWICE:
            raise comes_twice(self.counter.sequence)
        return Round(count=count, own_number=own_number)

    @property
    def _numbering(self) -> str:
        """The statement that numbers what is pending, and moves the counter."""
        sequence = self.counter.sequence
        kept = numberings.setdefault(self.given, {})
        # A lookup such as __date has the time zone in it, as it is now.
        what = (
            self.counter.using,
            timezone.get_current_timezone_name(),
            sequence.sequence_name,
            sequence.column,
            sequence.progression,
            sequence.printing,
            self.counter.highest,
        )
        statement = kept.get(what)
        if statement is None:
            statement = self._compose_numbering()
            if len(kept) >= MOST_KEPT:
                kept.clear()
            kept[what] = statement
        return statement

    def _compose_numbering(self) -> str:
        sequence, pending = self.counter.sequence, self.pending
        ordered = pending if pending.ordered else pending.order_by("pk")
        rows, parameters = self._as_sql(
            ordered.annotate(document_=F("pk")).values("document_")
        )
        given = (
            sequence.sequence_name,
            sequence.initial_value,
            sequence.increment,
            sequence.progression.limit,
            queue_of(sequence.sequence_name),
        )
        beside, told = self._beside()
        counters = counter_model()._meta.db_table
        statement = self._quoted(
            NUMBER,
            pending=rows,
            beside=beside,
            aligned=aligned(self.counter).replace("%", "%%"),
            counters=counters,
        )
        whole = (*given, *parameters, *told)
        return composed(self.counter.connection, statement, whole)

    @property
    def _reading(self) -> str | None:
        """The statement that reads the number of the caller's own document."""
        if self.document is None:
            return None
        key: Any = self.counter.sequence.documents().model._meta.pk
        connection = self.counter.connection
        value = key.get_prep_value(self.document)
        value = key.get_db_prep_value(value, connection, prepared=True)
        statement = self._quoted(READ)
        if type(value) is int:  # which needs no quotes: that is quicker
            return statement % value
        return composed(connection, statement, (value,))

    def _exhausted(self) -> SequenceExhausted:
        sequence, last = self.counter.sequence, self.counter.read()
        progression = sequence.progression
        left = progression.count_from(progression.first_after(last))
        return sequence.exhausted(last, self.pending.count(), left)
