"""MariaDB and MySQL: an upsert whose result is fetched with its acknowledgement."""

from __future__ import annotations

from typing import Final

from sequences.counters.one_statement import OneStatementCounter, when_aligned
from sequences.isolation import is_serializable

# LAST_INSERT_ID(x) gives x, and sends it to the client with the acknowledgement of the
# statement: no second one is needed to read it. A counter cannot hold NOT_MOVED.
ADVANCE: Final = """
    INSERT INTO {table} (name, last)
         VALUES (%(name)s, LAST_INSERT_ID(%(first)s))
    ON DUPLICATE KEY
         UPDATE last = CASE WHEN last > %(highest)s
                              THEN last + 0 * LAST_INSERT_ID(%(not_moved)s)
                            WHEN last >= %(loop_from)s
                              THEN LAST_INSERT_ID(%(initial)s)
                            ELSE LAST_INSERT_ID(last + %(step)s) END
"""

NOT_MOVED: Final = 2**64 - 1

# Alone: inside of the upsert it would lock what it reads, and two would wait for each
# other.
LOOK: Final = "SELECT {aligned}"


class MySQLCounter(OneStatementCounter):
    """A counter row in InnoDB."""

    def advances_in_one_statement(self, count: int = 1) -> bool:
        """
        Tell whether one statement can take so many numbers.

        At SERIALIZABLE it locks what it reads. Two that have looked would each wait for
        the other to move the counter, so there the lock comes first.
        """
        if self.highest is not None and is_serializable(self.connection):
            return False
        return super().advances_in_one_statement(count)

    def _move(self, count: int) -> int | None:
        parameters = self._parameters(count) | {"not_moved": NOT_MOVED}
        with self.connection.cursor() as cursor:
            if self.highest is not None:
                cursor.execute(when_aligned(self, LOOK), parameters)
                if not cursor.fetchone()[0]:
                    return None
            cursor.execute(self.quoted(ADVANCE), parameters)
            last: int = cursor.lastrowid
        return None if last == NOT_MOVED else last
