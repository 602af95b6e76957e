"""A process that numbers documents and writes its history, whatever happens to it.

`python -m tests.sequences.faults.worker STRATEGY WORKER FATE...` says that it is ready,
waits for the end of its input, and makes one document for each fate. Its documents are
in the table `document_STRATEGY`.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable

import django
from django.db import DatabaseError, connection, transaction

django.setup()

from sequences import (  # noqa: E402 - needs the setup
    AllocateNumber,
    get_next_value,
    retry_on_conflict,
)


class RolledBackError(Exception):
    """The document was not wanted after all."""


def serial(name: str) -> int:
    """Allocate as this package does."""
    return AllocateNumber.run(sequence=name).value


def unlocked(name: str) -> int:
    """Read, add one, write: without a lock in between."""
    last = _fetch("SELECT last FROM sequences_sequence WHERE name = %s", name)
    time.sleep(0.001)  # what others have to do in between, in larger projects
    _execute("UPDATE sequences_sequence SET last = %s WHERE name = %s", last + 1, name)
    return last + 1


def highest_plus_one(name: str) -> int:
    """Take the highest number that there is, plus one."""
    highest = _fetch(f"SELECT coalesce(max(number), 0) FROM document_{name}")
    time.sleep(0.001)
    return highest + 1


def native(name: str) -> int:
    """Draw from a sequence of the database, which no rollback takes back."""
    if connection.vendor == "postgresql":
        return _fetch(f"SELECT nextval('numbers_{name}')")
    return _fetch(f"SELECT nextval(numbers_{name})")


DRAW: dict[str, Callable[[str], int]] = {
    "serial": serial,
    "unlocked": unlocked,
    "highest_plus_one": highest_plus_one,
    "native": native,
}


def main(strategy: str, worker: str, fates: list[str]) -> None:
    """Make the documents one after another."""
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.read()
    for index, fate in enumerate(fates):
        operation = f"{worker}-{index}"
        note("invoke", operation, time.monotonic_ns())
        try:
            number = make(strategy, operation, fate)
        except RolledBackError:
            note("fail", operation)
        except DatabaseError:  # the session is lost, and with it the outcome
            connection.close()
        else:
            if fate == "killed after commit":
                die()
            note("ok", operation, number, time.monotonic_ns())


@retry_on_conflict()
def make(strategy: str, operation: str, fate: str) -> int:
    """Make one document in a transaction, and let its fate befall it."""
    early = get_next_value(strategy) if strategy == "autocommit" else None
    with transaction.atomic():
        number = DRAW[strategy](strategy) if early is None else early
        if fate == "killed after the draw":
            die()
        _execute(f"INSERT INTO document_{strategy} VALUES (%s, %s)", operation, number)
        if fate == "killed before commit":
            die()
        if fate == "terminated":
            terminate()
        if fate == "rolled back":
            raise RolledBackError
    return number


def die() -> None:
    """End at once, as by a power cut of this machine."""
    os.kill(os.getpid(), signal.SIGKILL)


def terminate() -> None:
    """Let the server end this session, as an operator does."""
    administrator = connection.copy()
    with administrator.cursor() as cursor:
        if connection.vendor == "postgresql":
            pid = _fetch("SELECT pg_backend_pid()")
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        else:
            cursor.execute("KILL %s", [_fetch("SELECT connection_id()")])
    administrator.close()


def note(*event: object) -> None:
    """Add a line to the history; it is the kernel's when this returns."""
    print(json.dumps(event), flush=True)


def _fetch(statement: str, *parameters: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        number: int = cursor.fetchone()[0]
        return number


def _execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
