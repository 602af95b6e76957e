"""Workers and sessions die in the middle of transactions; the series stays sound.

`FAULT_WORKERS` and `FAULT_DOCUMENTS` make a longer run: how many processes, and how
many documents each of them.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.sequences.faults.history import anomalies, read
from tests.sequences.marks import DATABASE, with_row_locks
from tests.servers import NAMES, Server

ROOT = Path(__file__).parent.parent.parent.parent

WORKERS = int(os.environ.get("FAULT_WORKERS", "4"))
DOCUMENTS = int(os.environ.get("FAULT_DOCUMENTS", "40"))

PATIENCE_S = 30 + WORKERS * DOCUMENTS / 10

KILLED = ["killed after the draw", "killed before commit", "killed after commit"]
FATES = [*KILLED, "rolled back"] + ([] if DATABASE == "sqlite" else ["terminated"])

PROJECT = """
from tests.settings import DATABASES, SECRET_KEY, USE_TZ

DATABASES = {{"default": DATABASES["default"] | {{"NAME": "{name}"}}}}
INSTALLED_APPS = ["sequences.apps.SequencesConfig"]
"""


class Scene:
    """A database that keeps what it acknowledges, and processes that work on it."""

    def __init__(self, directory: Path, server: Server | None) -> None:
        self.directory = directory
        self.server = server
        self.file = directory / "faults.sqlite3"
        name = NAMES[0] if server else self.file
        settings = directory / "fault_settings.py"
        settings.write_text(PROJECT.format(name=name), encoding="utf-8")
        path = os.pathsep.join(map(str, (directory, ROOT)))
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": settings.stem,
            "PYTHONPATH": path,
        }
        if server:
            self.environment[databases.VARIABLES[DATABASE]] = server.url
        migrate = [sys.executable, "-m", "django", "migrate", "--verbosity=0"]
        subprocess.run(migrate, check=True, env=self.environment, cwd=ROOT)

    def connect(self) -> Any:
        """Open a connection of the driver, in autocommit."""
        if self.server:
            return self.server.connect(NAMES[0])
        return sqlite3.connect(self.file, isolation_level=None)

    def prepare(self, strategy: str) -> None:
        """Create the table of documents, and what the strategy counts with."""
        counter = f"INSERT INTO sequences_sequence VALUES ('{strategy}', 0)"
        statements = [
            (
                f"CREATE TABLE document_{strategy} "
                f"(operation varchar(64) PRIMARY KEY, number bigint NOT NULL)"
            ),
            *([counter] if strategy == "unlocked" else []),
            *([f"CREATE SEQUENCE numbers_{strategy}"] if strategy == "native" else []),
        ]
        with closing(self.connect()) as session:
            for statement in statements:
                session.cursor().execute(statement)

    def play(self, strategy: str, fates: dict[str, list[str]]) -> list[str]:
        """Let each worker meet its fates, and tell the anomalies they leave.

        A worker that was killed is followed by another, who goes on with the next fate.
        """
        self.prepare(strategy)
        running = {
            worker: self.start(strategy, worker, ahead)
            for worker, ahead in fates.items()
            if ahead
        }
        ahead = dict(fates)
        deadline = time.monotonic() + PATIENCE_S
        self.release(running)
        while running:
            assert time.monotonic() < deadline, "Workers wait for something."
            for worker, process in list(running.items()):
                if process.poll() is None:
                    time.sleep(0.005)
                    continue
                del running[worker]
                assert process.returncode in {0, -signal.SIGKILL}
                made = self.history(worker).count('["invoke"')
                ahead[worker] = ahead[worker][made:]
                if ahead[worker]:
                    heir = f"{worker}+"
                    ahead[heir] = ahead[worker]
                    running[heir] = self.start(strategy, heir, ahead[heir])
                    self.release({heir: running[heir]})
        lines = [
            line
            for worker in ahead
            for line in self.history(worker).splitlines(keepends=True)
        ]
        return list(anomalies(read(lines), *self.state(strategy)))

    def start(
        self, strategy: str, worker: str, fates: list[str]
    ) -> subprocess.Popen[bytes]:
        """Start one worker, its history in a file."""
        with self.path_of(worker).open("wb") as history:
            return subprocess.Popen(
                [
                    sys.executable,
                    *("-m", "tests.sequences.faults.worker", strategy, worker, *fates),
                ],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=history,
            )

    def release(self, workers: dict[str, subprocess.Popen[bytes]]) -> None:
        """Let workers begin together, once all of them are ready."""
        deadline = time.monotonic() + PATIENCE_S
        while not all(map(self.is_ready, workers)):
            assert time.monotonic() < deadline, "A worker did not start."
            time.sleep(0.005)
        for process in workers.values():
            if process.stdin:
                process.stdin.close()

    def path_of(self, worker: str) -> Path:
        """Give the file with a worker's history."""
        return self.directory / f"{worker}.history"

    def is_ready(self, worker: str) -> bool:
        """Tell whether a worker could begin."""
        return self.path_of(worker).read_text(encoding="utf-8").startswith("ready\n")

    def history(self, worker: str) -> str:
        """Give what a worker has written so far."""
        written = self.path_of(worker).read_text(encoding="utf-8")
        return written.removeprefix("ready\n")

    def state(self, strategy: str) -> tuple[dict[str, int], int | None]:
        """Give the documents with their numbers, and where the counter stands."""
        with closing(self.connect()) as session:
            cursor = session.cursor()
            cursor.execute(f"SELECT operation, number FROM document_{strategy}")
            documents = dict(cursor.fetchall())
            cursor.execute(
                f"SELECT last FROM sequences_sequence WHERE name = '{strategy}'"
            )
            row = cursor.fetchone()
        return documents, row and row[0]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A server of its own: faults never meet the one that other tests use."""
    directory = tmp_path_factory.mktemp("faults")
    if DATABASE == "sqlite":
        yield Scene(directory, None)
        return
    server = databases.new_server(DATABASE, durable=True).start()
    try:
        yield Scene(directory, server)
    finally:
        server.remove()


def fates_of(workers: int, documents: int) -> dict[str, list[str]]:
    """Give each worker its fates: one of each kind at least, at places left to chance.

    The same ones in every run, so that a failure can be looked at again.
    """
    chance = random.Random(31)  # noqa: S311 - no secret
    fates = {}
    for number in range(workers):
        faults = FATES * max(1, documents // 50)
        plain = ["well"] * (documents - len(faults))
        fates[f"w{number}"] = chance.sample(plain + faults, documents)
    return fates


def test_killed_workers_leave_a_gapless_series(scene: Scene):
    """Processes die and sessions are ended at every point of a transaction.

    Each acknowledged number is there, once; there is no gap; the counter stands at the
    highest; whoever came later has the higher number. And nobody is left waiting.
    """
    fates = fates_of(WORKERS, DOCUMENTS)
    assert scene.play("serial", fates) == []

    documents, _ = scene.state("serial")
    told = Counter(fate for each in fates.values() for fate in each)
    lost = sum(told[fate] for fate in FATES if fate != "killed after commit")
    assert len(documents) == WORKERS * DOCUMENTS - lost
    assert all(told[fate] >= WORKERS for fate in FATES)


MUTANTS = [
    pytest.param("autocommit", "is missing", id="draws in autocommit"),
    pytest.param(
        "native",
        "is missing",
        id="draws from a native sequence",
        marks=with_row_locks,
    ),
    pytest.param(
        "unlocked", "stands on", id="reads and writes unlocked", marks=with_row_locks
    ),
    pytest.param(
        "highest_plus_one",
        "stands on",
        id="takes the highest plus one",
        marks=with_row_locks,
    ),
]


@pytest.mark.parametrize(("strategy", "anomaly"), MUTANTS)
def test_a_wrong_implementation_is_caught(scene: Scene, strategy: str, anomaly: str):
    """The same workers, with an allocation that is wrong, leave traces that are told.

    On SQLite, transactions that begin as writers make unlocked reading right.
    """
    fates = ["well", "rolled back", "well", "well"] * 10
    told = scene.play(strategy, {f"{strategy}{n}": fates for n in range(WORKERS)})
    assert [sentence for sentence in told if anomaly in sentence]
