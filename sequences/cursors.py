"""The cursor that is kept for the one statement of each number."""

from __future__ import annotations

from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

_KEPT: Final = "_sequences_cursor"
"""What a connection has while nobody uses it: a cursor of its driver."""

_MADE: Final = BaseDatabaseWrapper.cursor
_DJANGOS: Final = "django.db.backends.postgresql.base"


def first_row(connection: BaseDatabaseWrapper, statement: str) -> Any:
    """
    Send a statement without parameters, and give its first row, or None.

    In a transaction by a cursor that is kept: each one of psycopg learns anew how types
    are read, which costs a fifth of a number. Django's is put around it as ever, for
    all who watch queries there.
    """
    if not connection.in_atomic_block or not _are_djangos(connection):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()
    connection.ensure_connection()  # who may not use a database is told so there
    connection.validate_thread_sharing()
    # Not to be found while it is in use: who watches may draw a number himself.
    own = vars(connection).pop(_KEPT, None)
    if own is None or own.connection is not connection.connection:
        with connection.wrap_database_errors:
            own = connection.create_cursor()
    is_logged = connection.queries_logged
    wrap = connection.make_debug_cursor if is_logged else connection.make_cursor
    wrap(own).execute(statement)
    with connection.wrap_database_errors:
        row = own.fetchone()
    vars(connection)[_KEPT] = own
    return row


def _are_djangos(connection: BaseDatabaseWrapper) -> bool:
    """
    Tell whether it is Django alone that makes the cursors of a connection.

    Others do more for each: a backend may choose the schema of a tenant, a toolbar may
    put its own in the place.
    """
    kind = type(connection)
    is_own = kind.__module__ == _DJANGOS and kind.cursor is _MADE
    return is_own and "cursor" not in vars(connection)
