"""The stored state of sequences: the only code that locks or writes counter rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connections

from sequences.counters.base import Counter, database_of, home_of
from sequences.counters.highest import Highest
from sequences.counters.mysql import MySQLCounter
from sequences.counters.postgresql import PostgreSQLCounter
from sequences.counters.sqlite import SQLiteCounter

if TYPE_CHECKING:
    from sequences.definitions import Sequence

__all__ = ["Counter", "Highest", "counter_for", "database_of", "home_of"]

_BY_VENDOR: Final[dict[str, type[Counter]]] = {
    "mysql": MySQLCounter,
    "postgresql": PostgreSQLCounter,
    "sqlite": SQLiteCounter,
}


def counter_for(sequence: Sequence) -> Counter:
    """
    Give the counter of a sequence, in the way its database does it best.

    :raises InvalidSequence: if it is a series of which each part has its own counter.
    """
    sequence.require_counter()
    connection = connections[home_of(sequence)]
    kind = _BY_VENDOR.get(connection.vendor, Counter)
    return kind(sequence, connection)
