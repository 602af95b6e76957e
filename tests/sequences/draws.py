"""Drawing a number in the transaction that is open, as most tests do."""

from typing import Any

from django.db import connection, transaction

from sequences import AllocateNumber


def allocate(name: str = "s", **options: Any) -> int:
    """Take a number in the transaction that is open."""
    return AllocateNumber.run(sequence=name, **options).value


def roll_back() -> None:
    """Let the transaction that is open roll back at its end."""
    transaction.set_rollback(True)


def connection_is_open() -> None:
    """Begin the transaction on the server, which Django leaves to the first query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
