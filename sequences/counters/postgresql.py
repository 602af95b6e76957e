"""PostgreSQL: waiters queue on an advisory lock, then upsert, in one statement."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from sequences.contention import translated
from sequences.counters.one_statement import OneStatementCounter
from sequences.errors import LockBusy

# Waiters of one sequence queue on a light lock, in order, before they touch the row:
# on the row itself each commit would wake all of them to fight for it. The lock is the
# transaction's, so it is safe behind pgbouncer in transaction mode. The table is part
# of its key: the same name in another schema is another sequence. It is taken in the
# row that is to be inserted, so before anything else, and costs the planner nothing.
ADVANCE: Final = """
    INSERT INTO {table} AS counter (name, last)
         VALUES (CASE WHEN pg_advisory_xact_lock(
                               %(queue)s # '{table}'::regclass::int8) IS NOT NULL
                      THEN %(name)s END, %(first)s)
    ON CONFLICT (name)
  DO UPDATE SET last = CASE WHEN counter.last >= %(loop_from)s THEN %(initial)s
                            ELSE counter.last + %(step)s END
          WHERE counter.last <= %(highest)s
      RETURNING last
"""

# The queue alone, for the steps: also where there is no row yet to be locked.
JOIN_QUEUE: Final = (
    "SELECT pg_advisory_xact_lock(%(queue)s # '{table}'::regclass::int8)"
)

# The same without waiting: true if nobody else was in it.
JOIN_EMPTY_QUEUE: Final = (
    "SELECT pg_try_advisory_xact_lock(%(queue)s # '{table}'::regclass::int8)"
)


@lru_cache(maxsize=1024)
def queue_of(name: str) -> int:
    """Give the advisory lock of a sequence: 64 bits of its name, in our own space."""
    digest = blake2b(name.encode(), digest_size=8, person=b"sequences").digest()
    return int.from_bytes(digest, signed=True)


class PostgreSQLCounter(OneStatementCounter):
    """A counter row behind an advisory lock."""

    def delete(self) -> bool:
        """Queue like the others: who had the row first would wait for its waiters."""
        with self.own_transaction(), translated(self):
            self._join_queue(nowait=False)
            return super().delete()

    def _select_for_update(self, *, nowait: bool) -> int | None:
        """Queue, then lock the row against writers who know nothing of the queue."""
        self._join_queue(nowait=nowait)
        return super()._select_for_update(nowait=nowait)

    def _join_queue(self, *, nowait: bool) -> None:
        statement = self.quoted(JOIN_EMPTY_QUEUE if nowait else JOIN_QUEUE)
        with self.connection.cursor() as cursor:
            cursor.execute(statement, self._queue())
            if nowait and not cursor.fetchone()[0]:
                raise LockBusy(self.sequence.sequence_name, self.using)

    def _upsert(self, parameters: dict[str, Any]) -> int | None:
        with self.connection.cursor() as cursor:
            cursor.execute(self.quoted(ADVANCE), parameters | self._queue())
            row = cursor.fetchone()
        return None if row is None else row[0]

    def _queue(self) -> dict[str, int]:
        return {"queue": queue_of(self.sequence.sequence_name)}
