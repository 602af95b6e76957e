"""A pool of rows: whoever deletes one has its number, and a rollback puts it back."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from sequences.contention import translated
from sequences.counters import counter_for
from sequences.pools.base import Pool
from sequences.transactions import retry_on_conflict

# The lowest number that nobody else is about to take.
FIND: Final = """
      SELECT value
        FROM {pooled_number}
       WHERE name = %(name)s
    ORDER BY value
       LIMIT 1
  FOR UPDATE SKIP LOCKED
"""

TAKE: Final = """
      DELETE
        FROM {pooled_number}
       WHERE name = %(name)s AND value = %(value)s
"""

PUT: Final = """
 INSERT INTO {pooled_number} (name, value)
      VALUES (%s, %s)
"""


class RowPool(Pool):
    """A pool of rows, filled from the serial counter."""

    def claim(self) -> int | None:
        """Take the lowest number that is free."""
        name = self.sequence.sequence_name
        with translated(self), self.connection.cursor() as cursor:
            cursor.execute(self._sql(FIND), {"name": name})
            row = cursor.fetchone()
            if row is None:
                return None
            value: int = row[0]
            cursor.execute(self._sql(TAKE), {"name": name, "value": value})
        return value

    def replenish(self) -> int:
        """Move a block from the counter into the pool, unless somebody just did."""
        return retry_on_conflict(using=self.using)(self._fill)()

    def _fill(self) -> int:
        counter, name = counter_for(self.sequence), self.sequence.sequence_name
        with transaction.atomic(using=self.using):
            last = counter.lock()
            with self.connection.cursor() as cursor:
                cursor.execute(self._sql(FIND), {"name": name})
                if cursor.fetchone() is not None:
                    return 0
                block = self.sequence.block_after(last)
                # First: of two who found no counter to lock, one gets a conflict here.
                counter.store(block[-1])
                cursor.executemany(self._sql(PUT), [(name, value) for value in block])
        return len(block)
