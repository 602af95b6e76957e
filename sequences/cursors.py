"""The cursor that is kept for the one statement of each number."""

from __future__ import annotations

from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

_KEPT: Final = "_sequences_cursor"
"""What a connection has while nobody uses it: a cursor of its driver."""

_ORDINARY: Final = BaseDatabaseWrapper.cursor


def first_row(connection: BaseDatabaseWrapper, statement: str) -> Any:
    """
    Send a statement without parameters, and give its first row, or None.

    In a transaction by a cursor that is kept: each one of psycopg learns anew how types
    are read, which costs a fifth of a number. Django's is put around it as ever, for
    all who watch queries there; who makes cursors in its place goes on making them.
    """
    is_ordinary = getattr(connection.cursor, "__func__", None) is _ORDINARY
    if not (connection.in_atomic_block and is_ordinary):
        with connection.cursor() as ordinary:
            ordinary.execute(statement)
            return ordinary.fetchone()
    connection.validate_thread_sharing()
    # Not to be found while it is in use: who watches may draw a number himself.
    own = vars(connection).pop(_KEPT, None)
    if own is None or own.connection is not connection.connection:
        own = connection.create_cursor()
    is_logged = connection.queries_logged
    wrap = connection.make_debug_cursor if is_logged else connection.make_cursor
    wrap(own).execute(statement)
    row = own.fetchone()  # which the driver has by now
    vars(connection)[_KEPT] = own
    return row
