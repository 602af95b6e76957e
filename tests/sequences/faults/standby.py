"""A server and its standby, which takes over when the server is gone."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg

from tests.sequences.faults.scene import LOOK_AGAIN_S, Scene, lines_in
from tests.servers import PostgreSQL

PATIENCE_S: Final = 30

MORE_LINES: Final = 40
"""More than workers begin before all of them wait."""

STREAMS: Final = """
      SELECT sync_state
        FROM pg_stat_replication
       WHERE state = 'streaming'
"""

# Empty, it is no name of any server: the standby hears nothing more, and goes on.
CUT: Final = "ALTER SYSTEM SET primary_conninfo = ''"
RELOAD: Final = "SELECT pg_reload_conf()"
HEARS: Final = "SELECT count(*) FROM pg_stat_wal_receiver"

WAIT_FOR_STANDBY: Final = """
      SELECT count(*)
        FROM pg_stat_activity
       WHERE wait_event = 'SyncRep'
"""

PROMOTE: Final = "SELECT pg_promote(true, 30)"


class Failover(Scene):
    """A primary and a standby with the same data; workers go to whom they may write to.

    The primary waits for the standby to apply each commit before it acknowledges it,
    if they are synchronous. In a crash the standby first loses sight of the primary,
    which goes on alone, or does not; then it dies, and the standby takes over.
    """

    def __init__(
        self,
        directory: Path,
        primary: PostgreSQL,
        standby: PostgreSQL,
        *,
        is_synchronous: bool,
    ) -> None:
        self.primary = primary
        self.standby = standby
        self.is_synchronous = is_synchronous
        both: dict[str, Any] = {
            "HOST": "127.0.0.1,127.0.0.1",
            "PORT": f"{primary.port},{standby.port}",
            "OPTIONS": {"target_session_attrs": "read-write"},
        }
        super().__init__(directory, primary, {"default": both})

    def start(self, original: PostgreSQL) -> None:
        """Begin as copies of a stopped server, one of them the other's standby."""
        for each in (self.primary, self.standby):
            each.begin_as(original)
            each.settings["synchronous_commit"] = "remote_apply"
        if self.is_synchronous:
            self.primary.settings["synchronous_standby_names"] = "*"
        (self.standby.data / "standby.signal").touch()
        with (self.standby.data / "postgresql.auto.conf").open("a") as settings:
            place = f"host=127.0.0.1 port={self.primary.port} user=postgres"
            settings.write(f"primary_conninfo = '{place}'\n")
        self.primary.start()
        self.standby.start()
        state = "sync" if self.is_synchronous else "async"
        _wait_until(lambda: _ask(self.primary, STREAMS) == state)

    def crash(self, histories: Path) -> None:
        """Cut the two apart; when commits are waited for, or were not, fail over."""
        _ask(self.standby, CUT)
        _ask(self.standby, RELOAD)
        _wait_until(lambda: _ask(self.standby, HEARS) == 0)
        enough = lines_in(histories) + MORE_LINES
        _wait_until(
            lambda: (
                _ask(self.primary, WAIT_FOR_STANDBY) or lines_in(histories) >= enough
            )
        )
        self.primary.kill()
        assert _ask(self.standby, PROMOTE) is True


def _ask(server: PostgreSQL, statement: LiteralString) -> object:
    """Give the first value of an answer, None if there is none."""
    with closing(server.connect()) as session:
        cursor: psycopg.Cursor = session.execute(statement)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def _wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "The two servers do not come so far."
        time.sleep(LOOK_AGAIN_S)
