"""Workers that are killed and replaced until all fates are met; then the verdict.

`python -m tests.sequences.faults.crew STRATEGY SERIES DIRECTORY STRIKE_S` reads from
its input the fates of each worker, and prints a `Report` as JSON. The workers are
forked from this process, which has all the code in memory, and no connection. About
every STRIKE_S seconds, 0 for never, one of them is killed, and a session is ended, at a
moment of nobody's choice.
"""

import json
import multiprocessing
import os
import random
import signal
import sys
import time
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import django

django.setup()

# All of these need the setup.
from django.db import Error  # noqa: E402

from sequences import get_last_value  # noqa: E402
from tests.sequences.faults import mutants, sessions, strategies  # noqa: E402
from tests.sequences.faults.history import read  # noqa: E402
from tests.sequences.faults.laws import Outcome, anomalies  # noqa: E402
from tests.sequences.faults.models import Document  # noqa: E402
from tests.sequences.faults.worker import Worker  # noqa: E402

MOST_TOLD = 20

FORKING = multiprocessing.get_context("fork")


class Crew:
    """The workers of one series, and who strikes at them."""

    def __init__(
        self, strategy: strategies.Strategy, directory: Path, strike_s: float
    ) -> None:
        self.strategy = strategy
        self.directory = directory
        self.strike_s = strike_s
        self.killed = 0
        self.ended = FORKING.Value("q", 0, lock=False)  # the striker alone writes it
        self.chance = random.Random(31)  # noqa: S311 - no secret
        # Every process that was forked has a copy of the writer, until it ends.
        self._reader, self._writer = os.pipe()

    def work(self, fates: dict[str, list[str]]) -> None:
        """Let each worker meet its fates; whoever is killed is replaced."""
        gate = FORKING.Barrier(len(fates) + 1)
        running = {
            worker: self._start(worker, 0, ahead, gate)
            for worker, ahead in fates.items()
        }
        gate.wait()
        striker = FORKING.Process(target=self._strike_at_sessions, daemon=True)
        striker.start()
        generation = 0
        next_strike = self._next_strike()
        while running:
            sentinels = [process.sentinel for process in running.values()]
            if not wait(sentinels, self._pause_until(next_strike)):
                self.chance.choice(list(running.values())).kill()
                next_strike = self._next_strike()
            for worker, process in list(running.items()):
                if process.exitcode is None:
                    continue
                del running[worker]
                if process.exitcode == 0:
                    continue
                assert process.exitcode == -signal.SIGKILL, process.exitcode
                self.killed += 1
                fates[worker] = fates[worker][self._begun_by(process.name) :]
                generation += 1
                running[worker] = self._start(worker, generation, fates[worker])
        striker.kill()
        striker.join()
        os.close(self._writer)
        os.read(self._reader, 1)  # ends when all of them have

    def _start(
        self, worker: str, generation: int, fates: list[str], gate: Any = None
    ) -> BaseProcess:
        name = f"{worker}.{generation}"

        def work() -> None:
            hand = Worker(self.strategy, name, self.directory)
            sessions.connect()
            if gate is not None:
                gate.wait()
            hand.work(fates)

        process = FORKING.Process(target=work, name=name, daemon=True)
        process.start()
        return process

    def _begun_by(self, process: str) -> int:
        history = self.directory / f"{process}.history"
        if not history.exists():
            return 0
        return history.read_text(encoding="utf-8").count('["invoke"')

    def _next_strike(self) -> float | None:
        if not self.strike_s:
            return None
        return time.monotonic() + self.chance.expovariate(1 / self.strike_s)

    def _pause_until(self, moment: float | None) -> float | None:
        return moment if moment is None else max(0, moment - time.monotonic())

    def _strike_at_sessions(self) -> None:
        crew = multiprocessing.parent_process()
        while self.strike_s and crew and crew.is_alive():
            time.sleep(self.chance.expovariate(1 / self.strike_s))
            try:
                if there := sessions.others():
                    self.ended.value += sessions.end(self.chance.choice(there))
            except Error:  # the server is away
                sessions.leave()


def main(strategy_name: str, series: str, directory: Path, strike_s: float) -> None:
    """Prepare, let the crew work, let the next run do its work, and judge."""
    fates = json.load(sys.stdin)
    given = {**vars(strategies), **vars(mutants)}
    strategy: strategies.Strategy = given[strategy_name](series)
    Document.objects.all().delete()
    strategy.prepare()
    sessions.leave()

    crew = Crew(strategy, directory, strike_s)
    crew.work(fates)

    sessions.wait_until_alone()
    sessions.resolve_all_prepared()
    strategy.rest()
    operations = read(
        line
        for path in sorted(directory.glob("*.history"))
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
    )
    outcome = Outcome(
        operations=operations,
        documents=dict(Document.objects.values_list("operation", "number")),
        counter=get_last_value(series),
        block_size=strategies.BLOCK_SIZE,
    )
    told = list(anomalies(strategy.guarantee, outcome))
    report = {
        "anomalies": told[:MOST_TOLD],
        "operations": len(operations),
        "acknowledged": sum(each.acknowledged is not None for each in operations),
        "documents": len(outcome.documents),
        "missing": len(outcome.missing),
        "killed": crew.killed,
        "ended": crew.ended.value,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), float(sys.argv[4]))
