"""SQLite: one writer at a time, so the upsert alone is enough."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sequences.counters.one_statement import OneStatementCounter, when_aligned

if TYPE_CHECKING:
    from collections.abc import Iterator

ADVANCE: Final = """
    INSERT INTO {table} AS counter (name, last)
         SELECT %(name)s, %(first)s
          WHERE {aligned}
    ON CONFLICT (name)
  DO UPDATE SET last = CASE WHEN counter.last >= %(loop_from)s THEN %(initial)s
                            ELSE counter.last + %(step)s END
          WHERE counter.last <= %(highest)s
      RETURNING last
"""

# There are no row locks. A write, even one that changes nothing, takes the lock of the
# whole database until the transaction ends; a read would not.
LOCK: Final = """
         UPDATE {table}
            SET last = last
          WHERE name = %(name)s
      RETURNING last
"""


class SQLiteCounter(OneStatementCounter):
    """A counter row in a database that has one writer at a time."""

    @contextmanager
    def own_transaction(self, *, nowait: bool = False) -> Iterator[None]:
        """Open a transaction, which locks at its beginning where it is IMMEDIATE."""
        with self._patience(nowait=nowait), super().own_transaction(nowait=nowait):
            yield

    def _move(self, count: int) -> int | None:
        statement = when_aligned(self, ADVANCE)
        return self._fetch(statement, self._parameters(count))

    def _select_for_update(self, *, nowait: bool) -> int | None:
        with self._patience(nowait=nowait):
            statement = self.quoted(LOCK)
            return self._fetch(statement, {"name": self.sequence.sequence_name})

    def _fetch(self, statement: str, parameters: dict[str, Any]) -> int | None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            rows = cursor.fetchall()  # to the end: only then is the statement done
        return rows[0][0] if rows else None

    @contextmanager
    def _patience(self, *, nowait: bool) -> Iterator[None]:
        """Have none for the time being, where waiting is not wanted."""
        if not nowait:
            yield
            return
        with self.connection.cursor() as cursor:
            [[patience_ms]] = cursor.execute("PRAGMA busy_timeout").fetchall()
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                yield
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {patience_ms:d}")
