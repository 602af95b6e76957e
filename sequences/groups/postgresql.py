"""PostgreSQL: one leads, and the followers pass together when he has committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import F

from sequences.contention import translated
from sequences.counters.base import counter_model
from sequences.counters.postgresql import queue_of
from sequences.groups.base import Group, Parameters

if TYPE_CHECKING:
    from django.db.models import QuerySet

LEAD: Final = "SELECT pg_advisory_xact_lock(%(group)s)"

TRY_TO_LEAD: Final = "SELECT pg_try_advisory_xact_lock(%(group)s)"

# Run in autocommit, so that the lock is gone at once: all that matters is to have
# waited, where somebody led. Shared, so that followers do not wait for each other.
FOLLOW: Final = """
      SELECT CASE WHEN pg_try_advisory_xact_lock_shared(%(group)s) THEN false
                  ELSE pg_advisory_xact_lock_shared(%(group)s) IS NOT NULL END
"""

# The rows are locked before they are counted: one that vanished while it waited would
# leave a gap. The order of their places is that of the locking select. Parameters of
# the select are positional, so those of ours are as well, all in one place.
NUMBER: Final = """
        WITH given (name, first, step, highest, queue) AS (
                VALUES (%s, %s::bigint, %s::bigint, %s::bigint, %s::bigint)),
             locked AS MATERIALIZED ({pending}),
             pending AS (SELECT document, row_number() OVER () AS place FROM locked),
             together AS (SELECT count(*) AS size FROM pending),
             queued AS MATERIALIZED (
                SELECT pg_advisory_xact_lock(queue) FROM given),
             moved AS (
                INSERT INTO {counters} AS counter (name, last)
                     SELECT name, first + (size - 1) * step
                       FROM given, together, queued
                      WHERE size > 0
                ON CONFLICT (name)
              DO UPDATE SET last = counter.last + (SELECT size * step
                                                     FROM given, together)
                  RETURNING last),
             numbered AS (
                UPDATE {documents}
                   SET {column} = moved.last - (together.size - pending.place) * step
                  FROM given, pending, together, moved
                 WHERE {documents}.{key} = pending.document
                   AND moved.last <= given.highest)
      SELECT together.size, moved.last
        FROM together LEFT JOIN moved ON true
"""


class PostgreSQLGroup(Group):
    """Pending rows behind an advisory lock."""

    def follow(self) -> bool:
        """Wait for whoever leads; tell whether there was one."""
        return self._ask(FOLLOW)

    def lead(self, *, nowait: bool) -> bool:
        """Become the one who numbers; tell whether that is so."""
        if nowait:
            return self._ask(TRY_TO_LEAD)
        self._ask(LEAD)
        return True

    def number(self, pending: QuerySet[Any]) -> int:
        """Lock and number the rows, and move the counter, in one statement."""
        sequence, name = self.counter.sequence, self.counter.sequence.sequence_name
        progression = sequence.progression
        given = (
            name,
            progression.initial,
            progression.increment,
            progression.limit,
            queue_of(name),
        )
        rows, parameters = self._locked(pending)
        names = {"counters": counter_model()._meta.db_table}
        statement = self._quoted(NUMBER, rows, **names)
        with translated(self.counter), self.counter.connection.cursor() as cursor:
            cursor.execute(statement, (*given, *parameters))
            count, moved = cursor.fetchone()
        if count and moved > progression.limit:
            before = moved - count * progression.increment
            last = None if before < progression.initial else before
            left = progression.count_from(before + progression.increment)
            raise sequence.exhausted(last, count, left)
        return int(count)

    def _locked(self, pending: QuerySet[Any]) -> tuple[str, Parameters]:
        ordered = pending if pending.ordered else pending.order_by("pk")
        locked = ordered.select_for_update(of=("self",)).annotate(document=F("pk"))
        return self._as_sql(locked.values("document"))

    def _ask(self, statement: str) -> bool:
        name = f"group of {self.counter.sequence.sequence_name}"
        with translated(self.counter), self.counter.connection.cursor() as cursor:
            cursor.execute(statement, {"group": queue_of(name)})
            return bool(cursor.fetchone()[0])
