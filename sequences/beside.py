"""Work beside the caller's transaction, on connections of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from django.db import connections

from sequences.forks import no_fork_on_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")


def beside(function: Callable[[], R], using: str) -> R:
    """
    Run a function in a thread of its own, and so on connections of its own.

    What it commits stays, whatever becomes of the caller's transaction. The connections
    are closed when it ends; opening one costs milliseconds, so this is for what happens
    once in many numbers.

    :param using: the alias of the database on which it works.
    :raises Exception: what the function raised.
    """
    outcome: list[R] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            with no_fork_on_sqlite(using):
                outcome.append(function())
        except BaseException as error:  # noqa: BLE001 - raised in the caller's thread
            failure.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, name="sequences-beside")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]
