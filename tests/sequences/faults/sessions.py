"""Sessions with the database, as an operator sees them: ended, counted, left over."""

import time
from contextlib import closing
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

PATIENCE_S: Final = 60.0

_LOOK_AGAIN_S: Final = 0.02

OWN: Final = {
    "postgresql": "SELECT pg_backend_pid()",
    "mysql": "SELECT connection_id()",
}

OTHERS: Final = {
    "postgresql": """
      SELECT pid
        FROM pg_stat_activity
       WHERE datname = current_database()
         AND backend_type = 'client backend'
         AND pid <> pg_backend_pid()
    """,
    "mysql": """
      SELECT id
        FROM information_schema.processlist
       WHERE db = database()
         AND id <> connection_id()
    """,
}

# With patience, so that it has ended when this returns.
END: Final = {
    "postgresql": "SELECT pg_terminate_backend(%s, 5000)",
    "mysql": "KILL %s",
}

PREPARED: Final = """
      SELECT gid
        FROM pg_prepared_xacts
       WHERE database = current_database()
    ORDER BY gid
"""


def own_session() -> int:
    """Give the number under which the server knows this session."""
    with connection.cursor() as cursor:
        cursor.execute(OWN[connection.vendor])
        session: int = cursor.fetchone()[0]
    return session


def end_own() -> None:
    """Let the server end this session, as an operator does."""
    session = own_session()
    with closing(_operator().copy()) as operator, operator.cursor() as cursor:
        cursor.execute(END[connection.vendor], [session])


def others() -> list[int]:
    """Give the sessions on this database that are not ours."""
    if connection.vendor not in OTHERS:
        return []
    _open(_operator())
    with _operator().cursor() as cursor:
        cursor.execute(OTHERS[connection.vendor])
        return [row[0] for row in cursor.fetchall()]


def end(session: int) -> bool:
    """Let the server end another session; tell whether it was still there."""
    with _operator().cursor() as cursor:
        try:
            cursor.execute(END[connection.vendor], [session])
        except DatabaseError:
            return False
    return True


def connect() -> None:
    """Open our session, as soon as there is a server that lets us."""
    _open(connection)


def _operator() -> Any:
    """Give the operator's connection: past what may stand before the server."""
    return connections["operator" if "operator" in connections else DEFAULT_DB_ALIAS]


def _open(session: Any) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            session.ensure_connection()
        except DatabaseError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_AGAIN_S)
        else:
            return


def wait_until_alone() -> None:
    """Return when no other session is left: what was under way has ended."""
    deadline = time.monotonic() + PATIENCE_S
    while others():
        assert time.monotonic() < deadline, "A session does not end."
        time.sleep(_LOOK_AGAIN_S)


def leave() -> None:
    """Close our sessions, whatever state they are in."""
    connections.close_all()


def resolve_prepared(transaction: str, end: str) -> None:
    """Commit or roll back what was prepared; `end` is the statement's first word."""
    with connection.cursor() as cursor:
        cursor.execute(f"{end} PREPARED %s", [transaction])


def resolve_all_prepared() -> None:
    """Decide what others left prepared: half of it is committed."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(PREPARED)
        left = [row[0] for row in cursor.fetchall()]
    for place, transaction in enumerate(left):
        resolve_prepared(transaction, "ROLLBACK" if place % 2 else "COMMIT")
