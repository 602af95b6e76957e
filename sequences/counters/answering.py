"""Whether a database has what a query asks: a migration may draw before it has all."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from django.db import DatabaseError

from sequences.contention import contention_in, translated

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from sequences.counters import Counter, Highest

# Reads no row, and so holds none.
ASK: Final = """
      SELECT 1
        FROM ({query}) AS asked
       WHERE 1 = 0
"""

_SAVEPOINT: Final = "sequences_asked"

answered: Final[set[tuple[str, str]]] = set()
"""What each database has answered: it is asked once a process, for all parts alike."""


def answers(counter: Counter, query: Highest) -> bool:
    """
    Tell whether the database of a counter can run a query; its transaction goes on.

    Where it cannot, it is asked anew each time: the next migration may make the table.

    :raises CounterLocked, Deadlock, Conflict: if another transaction is in the way.
    """
    what = counter.using, query.statement
    if what not in answered:
        with translated(counter):
            if not _can_run(counter.connection, query):
                return False
        answered.add(what)
    return True


def _can_run(connection: BaseDatabaseWrapper, query: Highest) -> bool:
    """Ask by the driver, past Django: whoever counts queries in a test counts his."""
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    is_in_transaction = not connection.get_autocommit()
    operations: Any = connection.ops
    with closing(connection.create_cursor()) as cursor:

        def run(statement: str, *parameters: Any) -> None:
            with connection.wrap_database_errors:
                cursor.execute(statement, *parameters)

        if is_in_transaction:
            run(operations.savepoint_create_sql(_SAVEPOINT))
        try:
            run(ASK.format(query=query.statement), query.parameters)
            cursor.fetchall()
        except DatabaseError as error:
            if contention_in(error) is not None:
                raise
            if is_in_transaction:
                run(operations.savepoint_rollback_sql(_SAVEPOINT))
                run(operations.savepoint_commit_sql(_SAVEPOINT))
            return False
        if is_in_transaction:
            run(operations.savepoint_commit_sql(_SAVEPOINT))
    return True
