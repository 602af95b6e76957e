"""A database that keeps what it acknowledges, and crews that work on it."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests import databases
from tests.sequences.marks import DATABASE
from tests.servers import Server

ROOT = Path(__file__).parents[3]

LOOK_AGAIN_S = 0.01
LOOK_AFTER_SERVER_S = 0.5

Between = dict[str, dict[str, Any]]


@dataclass(kw_only=True, frozen=True)
class Report:
    """What a crew has seen.

    `killed` counts processes, `ended` sessions that were ended at a random moment;
    `missing` are numbers up to the highest that are on no document.
    """

    anomalies: list[str]
    operations: int
    acknowledged: int
    documents: int
    missing: int
    killed: int
    ended: int


class Scene:
    """Where plays are given, one after another; without a server, on SQLite.

    :param between: what differs in the settings of the workers' databases, by alias,
        where they do not go to the server itself: see `settings`.
    """

    def __init__(
        self, directory: Path, server: Server | None, between: Between | None = None
    ) -> None:
        self.directory = directory
        self.server = server
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.sequences.faults.settings",
            "FAULT_DATABASES": json.dumps(between or {}),
            "PYTHONPATH": str(ROOT),
            "TEST_SQLITE_FILES": str(directory / "faults"),
        }
        if server:
            self.environment[databases.VARIABLES[DATABASE]] = server.url
        self._plays = 0

    def migrate(self) -> Self:
        """Create the tables."""
        migrate = ["django", "migrate", "--run-syncdb", "--verbosity=0"]
        subprocess.run(self._command(*migrate), check=True, **self._at_home())
        return self

    def play(
        self,
        strategy: str,
        fates: dict[str, list[str]],
        *,
        patience_s: float,
        strike_s: float = 0,
        crash_after: int | None = None,
    ) -> Report:
        """Let a crew work with a strategy on a new series, and give its report.

        :param crash_after: let the server crash when its workers have written so many
            lines.
        """
        self._plays += 1
        histories = self.directory / f"{self._plays}-{strategy}"
        histories.mkdir()
        crew = subprocess.Popen(
            self._command(
                "tests.sequences.faults.crew",
                strategy,
                f"series_{self._plays}",
                str(histories),
                str(strike_s),
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **self._at_home(),
        )
        with crew:
            assert crew.stdin
            crew.stdin.write(json.dumps(fates))
            crew.stdin.close()
            crew.stdin = None
            try:
                if crash_after is not None:
                    self._crash(crew, histories, crash_after)
                told = self._told_by(crew, patience_s)
            except BaseException:
                crew.kill()
                raise
        assert crew.returncode == 0, self._last_words()
        return Report(**json.loads(told))

    def errand(self, sessions: int, patience_s: float) -> dict[str, Any]:
        """Let one process do all that there is, and give what it tells of sessions."""
        told = subprocess.run(
            self._command("tests.sequences.faults.errand", str(sessions)),
            check=True,
            stdout=subprocess.PIPE,
            timeout=patience_s,
            **self._at_home(),
        )
        found: dict[str, Any] = json.loads(told.stdout)
        return found

    def crash(self, histories: Path) -> None:
        """Kill the server, and start it again on its data."""
        assert self.server
        self.server.kill()
        self.server.start()

    def _crash(self, crew: subprocess.Popen[str], histories: Path, lines: int) -> None:
        while lines_in(histories) < lines:
            assert crew.poll() is None, (
                f"The crew ended before the server could crash. {self._last_words()}"
            )
            time.sleep(LOOK_AGAIN_S)
        self.crash(histories)

    def _told_by(self, crew: subprocess.Popen[str], patience_s: float) -> str:
        """
        Wait for what the crew tells, and start the server again if it ends by itself.

        Seen once in some hundred crashes: MariaDB 10.11 takes a page of its undo log,
        which it has just recovered, for corrupt and aborts. To its clients that is one
        crash more, over which the same laws hold.
        """
        deadline = time.monotonic() + patience_s
        while True:
            try:
                return crew.communicate(timeout=LOOK_AFTER_SERVER_S)[0]
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline:
                    raise
            if self.server and self.server.ended_with() is not None:
                print(self._last_words())
                self.server.start()

    def _last_words(self) -> str:
        """Tell what the server wrote last: that it ended, and why, stands there."""
        if not self.server:
            return "The crew failed."
        ended = self.server.ended_with()
        return f"The server ended with {ended}; it wrote:\n{self.server.last_words()}"

    def _command(self, module: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", module, *arguments]

    def _at_home(self) -> dict[str, Any]:
        return {"env": self.environment, "cwd": ROOT}


def lines_in(histories: Path) -> int:
    """Tell how many lines the workers have written."""
    return sum(path.read_bytes().count(b"\n") for path in histories.glob("*.history"))
