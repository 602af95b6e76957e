"""PostgreSQL: one leads, and the followers pass together when he is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.db.models import F

from sequences.contention import translated
from sequences.counters.postgresql import queue_of
from sequences.groups.base import Group

if TYPE_CHECKING:
    from django.db.models import QuerySet

LEAD: Final = "SELECT pg_advisory_xact_lock(%(group)s)"

TRY_TO_LEAD: Final = "SELECT pg_try_advisory_xact_lock(%(group)s)"

# Shared: the followers do not wait for each other.
FOLLOW: Final = "SELECT pg_advisory_xact_lock_shared(%(group)s)"

# The rows are locked before they are counted: one that vanished while it waited would
# leave a gap. The order is that of the locking select.
NUMBER: Final = """
        WITH locked AS MATERIALIZED ({pending}),
             pending AS (SELECT document, row_number() OVER () AS place FROM locked)
      UPDATE {documents}
         SET {column} = %s + pending.place * %s
        FROM pending
       WHERE {documents}.{key} = pending.document
"""


class PostgreSQLGroup(Group):
    """Pending rows behind an advisory lock."""

    number_statement: ClassVar[str] = NUMBER

    def lead_or_wait(self, *, may_follow: bool) -> bool:
        """Become the one who numbers, or wait until somebody has; tell which."""
        group = {"group": queue_of(f"group of {self.counter.sequence.sequence_name}")}
        with translated(self.counter), self.counter.connection.cursor() as cursor:
            if not may_follow:
                cursor.execute(LEAD, group)
                return True
            cursor.execute(TRY_TO_LEAD, group)
            if cursor.fetchone()[0]:
                return True
            cursor.execute(FOLLOW, group)
            return False

    def _places(self, pending: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
        ordered = pending if pending.ordered else pending.order_by("pk")
        locked = ordered.select_for_update(of=("self",)).annotate(document=F("pk"))
        compiler = locked.values("document").query.get_compiler(self.counter.using)
        sql, parameters = compiler.as_sql()
        return sql, tuple(parameters)

    def _in_order(self, before: int, parameters: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*parameters, before, self.counter.sequence.increment)
