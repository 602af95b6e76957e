"""
SQLite is not to be open in a process that forks.

A child would have a copy of SQLite's own record of the locks that the process holds,
but none of the locks: what it commits can be lost. So nobody forks while a thread of
this package has SQLite open on a connection of its own.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from django.db import connections

from sequences.tracebacks import let_go

if TYPE_CHECKING:
    from collections.abc import Iterator


class ForkGate:
    """
    Many threads may hold forks back at a time, and none begins to while one forks.

    So a fork waits for those who came before it, however many come after.
    """

    def __init__(self) -> None:
        self.open_anew()

    def open_anew(self) -> None:
        """Be open for all, as in a new process."""
        self._changed = threading.Condition()
        self._holders: set[int] = set()
        self._is_forking = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold forks back, after the one that is under way; once in a thread."""
        thread = threading.get_ident()
        with self._changed:
            self._changed.wait_for(lambda: not self._is_forking)
            self._holders.add(thread)
        try:
            yield
        finally:
            with self._changed:
                self._holders.discard(thread)  # not there in a child that it forked
                self._changed.notify_all()

    def begin_fork(self) -> None:
        """Wait for all other threads that hold forks back, and let none begin to."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_forking)
            self._is_forking = True
            myself = {threading.get_ident()}  # nobody waits for himself
            self._changed.wait_for(lambda: self._holders <= myself)

    def end_fork(self) -> None:
        """Let those in who hold forks back."""
        with self._changed:
            self._is_forking = False
            self._changed.notify_all()


_gate: Final = ForkGate()

if hasattr(os, "register_at_fork"):  # else nobody can fork
    os.register_at_fork(
        before=_gate.begin_fork,
        after_in_parent=_gate.end_fork,
        after_in_child=_gate.open_anew,
    )


@contextmanager
def no_fork_on_sqlite(using: str) -> Iterator[None]:
    """
    Let nobody fork while this thread works on SQLite.

    For a thread of this package, whose connection is its own: it is opened inside, and
    closed at the end. A fork waits for that, so it is to be one short transaction.

    :param using: the alias of the database. Where it is none of SQLite, nothing is held
        back and nothing closed: a fork never waits for a network.
    """
    if connections[using].vendor != "sqlite":
        yield
        return
    with _gate.held():
        try:
            yield
        except BaseException as error:
            let_go(error)
            raise
        finally:
            connections[using].close()
