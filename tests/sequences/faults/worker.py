"""A process that numbers documents and writes its history, whatever happens to it."""

import json
import os
import time
from pathlib import Path

from django.db import Error

from sequences import retry_on_conflict
from tests.sequences.faults import sessions
from tests.sequences.faults.fates import RolledBackError, UnknownError
from tests.sequences.faults.strategies import Strategy

CHILDRENS_DOCUMENTS = 2


class Worker:
    """One process; its history is in a file of its name."""

    def __init__(self, strategy: Strategy, name: str, directory: Path) -> None:
        self.strategy = strategy
        self.name = name
        self.directory = directory
        self._children: list[int] = []
        self._history = (directory / f"{name}.history").open("w", encoding="utf-8")

    def work(self, fates: list[str]) -> None:
        """Make a document for each fate, one after another."""
        for index, fate in enumerate(fates):
            operation = f"{self.name}-{index}"
            sessions.connect()
            self.note("invoke", operation, time.monotonic_ns())
            if fate == "forks":
                self._fork(operation)
            try:
                number = retry_on_conflict()(self.strategy.make)(
                    operation, fate, self.note
                )
            except RolledBackError:
                self.note("fail", operation)
            except UnknownError:
                pass
            except Error:  # the session is lost, and with it the outcome
                sessions.leave()
            else:
                self.note("ok", operation, number, time.monotonic_ns())
        self.strategy.leave()
        sessions.leave()
        for child in self._children:
            assert os.waitpid(child, 0)[1] == 0

    def note(self, *event: object) -> None:
        """Add a line to the history; it is the kernel's when this returns."""
        print(json.dumps(event), file=self._history, flush=True)

    def _fork(self, operation: str) -> None:
        """Let a child work beside us, with the memory that we have."""
        sessions.leave()
        child = os.fork()
        if not child:
            code = 1
            try:
                name = operation.replace("-", "'")
                heir = Worker(self.strategy, name, self.directory)
                heir.work(["well"] * CHILDRENS_DOCUMENTS)
                code = 0
            finally:
                os._exit(code)
        self._children.append(child)
