"""
The statements of an audit: each reads a table once, in order, and nothing is kept.

All of them see the same moment. What they find is streamed: neither the server nor this
process holds more than a few thousand rows of it.
"""

from __future__ import annotations

from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from django.db import DatabaseError, connections, transaction

from sequences.counters.base import counter_model
from sequences.counters.postgresql import queue_of
from sequences.quoting import quoted
from sequences.transactions import is_in_transaction

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

    from sequences.ledger.columns import Column
    from sequences.ledger.possible import PossibleNumbers

Row = tuple[Any, ...]

# One moment for all statements; set before the first of them.
ONE_MOMENT: Final = {
    "postgresql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        # All rows are fetched: plan for that, not for the first ones.
        "SET LOCAL cursor_tuple_fraction = 1.0",
    ),
    "mysql": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",),
}

EXTENT: Final = """
      SELECT count(*), count({column}), count(CASE WHEN {whole} THEN 1 END),
             min(CASE WHEN {whole} THEN {column} END),
             max(CASE WHEN {whole} THEN {column} END)
        FROM {table}
"""

# Each number beside the one before it: equal, it is a double; further, a gap.
BREAKS: Final = """
      SELECT number, previous, 0, NULL, NULL
        FROM (SELECT {column} AS number,
                     lag({column}) OVER (ORDER BY {column}) AS previous
                FROM {table}
               WHERE {possible}) AS numbers
       WHERE number - previous <> %(step)s
    ORDER BY number
"""

# The same, and each date beside the latest one of all lower numbers. Of a double only
# the earliest date counts: a late copy would put all that follow out of order.
BREAKS_AND_DISORDER: Final = """
      SELECT number, previous,
             CASE WHEN dated < latest THEN 1 ELSE 0 END,
             CAST(dated AS {text}), CAST(latest AS {text})
        FROM (SELECT number, previous, dated,
                     max(CASE WHEN number = previous THEN NULL ELSE dated END) OVER (
                         ORDER BY number, dated
                          ROWS BETWEEN UNBOUNDED PRECEDING
                                   AND 1 PRECEDING) AS latest
                FROM (SELECT {column} AS number, {order} AS dated,
                             lag({column}) OVER (
                                 ORDER BY {column}, {order}) AS previous
                        FROM {table}
                       WHERE {possible}) AS numbers) AS dated_numbers
       WHERE number - previous <> %(step)s OR dated < latest
    ORDER BY number, dated
"""

OUTSIDE: Final = """
      SELECT CAST({column} AS {text})
        FROM {table}
       WHERE {column} IS NOT NULL AND NOT ({possible})
    ORDER BY {column}
"""

# The remainder finds numbers between the steps; no number here is below 0.
POSSIBLE: Final = """
             {whole} AND {column} BETWEEN %(first)s AND %(limit)s
             AND {column} %% %(step)s = %(remainder)s
"""

# All numbers, with what tells their part, and their date if there is one.
ROWS: Final = """
      SELECT {keys}{value}{dated}
        FROM {table}
    ORDER BY {keys}{value}{dated}
"""

# The same of printed numbers. Within a part all that is in front of a number is alike,
# so that by length, and then byte by byte, they are in the order of the numbers; but
# for a check digit in front of all, which is left out.
PRINTED_ROWS: Final = """
      SELECT {keys}{value}{dated}
        FROM {table}
    ORDER BY {keys}char_length({value}), {bytes}{dated}
"""

# Who writes a document, or holds the counter, holds one of these locks to his end.
WRITERS_POSTGRESQL: Final = """
      SELECT count(DISTINCT virtualtransaction)
        FROM pg_locks
       WHERE granted AND pid IS DISTINCT FROM pg_backend_pid()
         AND (locktype = 'relation'
              AND database = (SELECT oid FROM pg_database
                               WHERE datname = current_database())
              AND relation = %(table)s::regclass
              AND mode = 'RowExclusiveLock'
           OR locktype = 'advisory' AND objsubid = 1
              AND (classid::bigint << 32 | objid::bigint)
                  = %(queue)s # to_regclass(%(counters)s)::int8)
"""

# Whoever has changed a row and not ended, whatever the table. InnoDB shows what it saw
# last, and looks anew only if nobody has asked for 0.1 s.
WRITERS_MARIADB: Final = """
      SELECT count(*)
        FROM information_schema.innodb_trx
       WHERE trx_rows_modified > 0 AND trx_mysql_thread_id <> connection_id()
"""

_SQLITE_PRINTED_ROWS: Final = PRINTED_ROWS.replace("char_length", "length")

_IN_BYTES: Final = {"postgresql": '{} COLLATE "C"', "mysql": "CAST({} AS binary)"}
"""How each database compares text by nothing but its characters."""

_INNODB_LOOKS_ANEW_AFTER_S: Final = 0.11

_FETCHED_AT_ONCE: Final = 2_000


@frozen(kw_only=True)
class Extent:
    """
    How much there is in a column.

    :ivar documents: how many rows.
    :ivar numbered: how many of them are not NULL.
    :ivar whole: how many of those are whole numbers, 0 or more; or of the series.
    :ivar lowest: the lowest of them.
    :ivar highest: the highest of them.
    """

    documents: int
    numbered: int
    whole: int
    lowest: int | None
    highest: int | None


@contextmanager
def one_moment(using: str) -> Iterator[None]:
    """See the database as it is now, until the end; as a caller's transaction does."""
    connection = connections[using]
    if connection.in_atomic_block or is_in_transaction(connection):
        yield
    elif connection.vendor == "sqlite":
        # Not Django's own: with IMMEDIATE it would lock all writers out.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(using=using), connection.cursor() as cursor:
            for statement in ONE_MOMENT.get(connection.vendor, ()):
                cursor.execute(statement)
            yield


def extent(column: Column, series: PossibleNumbers | None = None) -> Extent:
    """Read how much there is in a column, of a series or of any whole numbers."""
    whole = _whole(column) if series is None else _possible(column)
    # Without a parameter, %% would stay as it is.
    parameters = {"none": None} if series is None else _parameters(series)
    with column.connection.cursor() as cursor:
        cursor.execute(column.quoted(EXTENT, whole=whole), parameters)
        documents, numbered, whole, lowest, highest = cursor.fetchone()
    return Extent(
        documents=documents,
        numbered=numbered,
        whole=whole,
        lowest=None if lowest is None else int(lowest),
        highest=None if highest is None else int(highest),
    )


def breaks(column: Column, series: PossibleNumbers) -> Generator[Row, None, None]:
    """Stream number, number before, whether out of order, date, latest date before."""
    statement = BREAKS if column.order_by is None else BREAKS_AND_DISORDER
    return streamed(
        column.connection,
        column.quoted(statement, possible=_possible(column), text=_text(column)),
        _parameters(series),
    )


def outside(column: Column, series: PossibleNumbers) -> Generator[Row, None, None]:
    """Stream the numbers that a series cannot have."""
    possible, text = _possible(column), _text(column)
    statement = column.quoted(OUTSIDE, possible=possible, text=text)
    return streamed(column.connection, statement, _parameters(series))


def rows(column: Column) -> Generator[Row, None, None]:
    """
    Stream what tells the part of each document, its number, and its date if asked for.

    Of each part in the order of the numbers, then of the dates.
    """
    vendor, printed = column.connection.vendor, column.printed
    keys = "".join(f"{quoted(column.connection, name)}, " for name in column.by)
    dated = "" if column.order_by is None else column.quoted(", {order}")
    value, statement, in_bytes = column.quoted("{column}"), ROWS, ""
    if printed is not None:
        statement = PRINTED_ROWS if vendor != "sqlite" else _SQLITE_PRINTED_ROWS
        value = f"CAST({value} AS {_text(column)})"
        in_bytes = f"substr({value}, {printed.check_in_front + 1})"
        in_bytes = _IN_BYTES.get(vendor, "{}").format(in_bytes)
    return streamed(
        column.connection,
        column.quoted(statement, keys=keys, value=value, dated=dated, bytes=in_bytes),
        {"none": None},  # Without a parameter, %% would stay as it is.
    )


def writers(column: Column, name: str) -> int | None:
    """Tell how many transactions write documents, or hold a counter, right now."""
    connection = column.connection
    if connection.vendor == "postgresql":
        statement = WRITERS_POSTGRESQL
    elif connection.vendor == "mysql":
        statement = WRITERS_MARIADB
        sleep(_INNODB_LOOKS_ANEW_AFTER_S)
    else:
        return None
    parameters: dict[str, str | int] = {
        "table": column.quoted("{table}").replace("%%", "%"),
        "queue": queue_of(name),
        "counters": quoted(connection, counter_model()._meta.db_table),
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            count: int = cursor.fetchone()[0]
    except DatabaseError:
        if connection.vendor == "postgresql":  # the transaction is broken now
            raise
        return None  # it takes a privilege there
    return count


def streamed(
    connection: BaseDatabaseWrapper, statement: str, parameters: dict[str, Any]
) -> Generator[Row, None, None]:
    """Run a statement, and give its rows as they come, whatever their number."""
    connection.ensure_connection()
    if connection.vendor == "mysql":
        # Django's cursor there fetches all rows at once.
        database: Any = connection
        cursor = database.connection.cursor(database.Database.cursors.SSCursor)
    else:
        cursor = connection.chunked_cursor()
    try:
        with connection.wrap_database_errors:
            cursor.execute(statement, parameters)
            while rows := cursor.fetchmany(_FETCHED_AT_ONCE):
                yield from rows
    finally:
        cursor.close()


def _whole(column: Column) -> str:
    """Give the condition that a value is a whole number, 0 or more."""
    name = column.quoted("{column}")
    if column.is_exact:
        return f"{name} >= 0"
    if column.connection.vendor == "sqlite":
        return f"typeof({name}) = 'integer' AND {name} >= 0"
    return f"{name} >= 0 AND {name} %% 1 = 0"


def _possible(column: Column) -> str:
    return POSSIBLE.format(whole=_whole(column), column=column.quoted("{column}"))


def _text(column: Column) -> str:
    """Give the type that shows any value as text."""
    return "char" if column.connection.vendor == "mysql" else "text"


def _parameters(series: PossibleNumbers) -> dict[str, int]:
    return {
        "first": series.first,
        "limit": series.limit,
        "step": series.step,
        "remainder": series.first % series.step,
    }
