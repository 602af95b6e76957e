"""The databases' own sequences: drawing from them, and reading how they count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from django.db import DatabaseError, connections

from sequences.contention import sqlstate_of
from sequences.errors import InvalidSequence
from sequences.quoting import identifier, quoted

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# To MariaDB the name is an identifier, which cannot be a parameter.
DRAW: Final = {
    "postgresql": "SELECT nextval(%(name)s::regclass)",
    "mysql": "SELECT NEXTVAL({name})",
}

# What a sequence would give next is not read: reading it must not draw it. Of several
# schemas it is the one that DRAW finds, the first on the path.
READ_POSTGRESQL: Final = """
      SELECT start_value, increment_by, min_value, max_value, cycle, last_value
        FROM pg_sequences
       WHERE sequencename = %(name)s
         AND to_regclass(quote_ident(schemaname) || '.' || quote_ident(sequencename))
             = to_regclass(quote_ident(%(name)s))
"""

FIND_MARIADB: Final = """
      SELECT 1
        FROM information_schema.tables
       WHERE table_schema = DATABASE()
         AND table_name = %(name)s
         AND table_type = 'SEQUENCE'
"""

READ_MARIADB: Final = """
      SELECT start_value, increment, minimum_value, maximum_value, cycle_option,
             CASE WHEN cycle_count > 0 OR next_not_cached_value <> start_value
                  THEN next_not_cached_value - increment END
        FROM {name}
"""


# undefined_table, wrong_object_type, undefined_schema
_NO_SEQUENCE: Final = {"42P01", "42809", "3F000"}
# ER_NO_SUCH_TABLE, ER_NOT_SEQUENCE, ER_UNKNOWN_SEQUENCES
_NO_SEQUENCE_MARIADB: Final = {(1146,), (4089,), (4091,)}


@frozen(kw_only=True)
class NativeSequence:
    """
    How a sequence of the database counts, and where it stands.

    :ivar start: the first value.
    :ivar increment: from one value to the next.
    :ivar lowest: its minimum value.
    :ivar highest: its maximum value.
    :ivar cycles: whether it starts again behind its end.
    :ivar last: the last value that may have been drawn; None before the first. On
        MariaDB values that a server holds in its cache count as drawn.
    """

    start: int
    increment: int
    lowest: int
    highest: int
    cycles: bool
    last: int | None


def vendor_with_sequences(name: str, using: str) -> str:
    """
    Give the vendor of a database that has sequences of its own.

    :raises InvalidSequence: if it has none: SQLite, MySQL, and others.
    """
    connection = connections[using]
    if connection.vendor == "postgresql" or getattr(
        connection, "mysql_is_mariadb", False
    ):
        return connection.vendor
    raise InvalidSequence(
        name, f"database {using!r} ({connection.display_name}) has no sequences."
    )


def draw(name: str, using: str) -> int:
    """
    Draw the next value of a database's sequence, for good.

    :raises InvalidSequence: if there is none of that name; an open transaction must
        roll back.
    """
    vendor = vendor_with_sequences(name, using)
    connection = connections[using]
    statement = DRAW[vendor].format(name=quoted(connection, name))
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"name": identifier(connection, name)})
            value: int = cursor.fetchone()[0]
    except DatabaseError as error:
        if sqlstate_of(error) in _NO_SEQUENCE or error.args[:1] in _NO_SEQUENCE_MARIADB:
            if connection.in_atomic_block:  # PostgreSQL has aborted it, whoever goes on
                connection.set_rollback(True)
            raise _missing(name, using) from error
        raise
    return value


def read(name: str, using: str) -> NativeSequence:
    """
    Read how a database's sequence counts, without drawing from it.

    :raises InvalidSequence: if there is none of that name.
    """
    vendor = vendor_with_sequences(name, using)
    row = (_read_postgresql if vendor == "postgresql" else _read_mariadb)(
        name, connections[using]
    )
    if row is None:
        raise _missing(name, using)
    start, increment, lowest, highest, cycles, last = row
    return NativeSequence(
        start=start,
        increment=increment,
        lowest=lowest,
        highest=highest,
        cycles=bool(cycles),
        last=last,
    )


def _read_postgresql(name: str, connection: BaseDatabaseWrapper) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(READ_POSTGRESQL, {"name": name})
        return cursor.fetchone()


def _read_mariadb(name: str, connection: BaseDatabaseWrapper) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(FIND_MARIADB, {"name": name})
        if cursor.fetchone() is None:
            return None
        cursor.execute(READ_MARIADB.format(name=identifier(connection, name)))
        return cursor.fetchone()


def _missing(name: str, using: str) -> InvalidSequence:
    return InvalidSequence(name, f"database {using!r} has no sequence of that name.")
