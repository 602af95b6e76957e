"""
What was tried for counters and for pools, in the database alone, driven by pgbench.

Each candidate numbers documents: begin, draw, insert, commit. What is ours, the peer's
or the ceiling sends what Django sends for it.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psycopg
from attrs import define, frozen

from tests.benchmarks.candidates_sql import (
    APPEND,
    FREE,
    HIGHEST,
    LEAVE_ROOM,
    MOVE,
    ONE_BY_ONE,
    RETURNED,
    SCRIPT,
    TAKE_LOWEST,
    TAKE_MANY,
    TAKE_NEAR_LOWEST,
)
from tests.benchmarks.database import has_pgbench, pgbench
from tests.benchmarks.ladder import on_one_processor
from tests.benchmarks.report import CEILING, LATE, Record, best_in_turn, with_ratio
from tests.benchmarks.server import (
    FLUSHES,
    check_documents,
    empty,
    server_with,
    told_by,
)
from tests.servers import Server

CLIENTS = (8, 32, 64)
ROUNDS = 4
SOON = LATE // 10


@frozen(kw_only=True)
class Candidate:
    """
    One way to number a document.

    :ivar draws: its statement, which gives a column ``number``.
    :ivar sends: or else the method of ours whose statements are sent.
    :ivar needs: the SQL that makes its tables and functions.
    :ivar many: the SQL that numbers many documents soon, if its own draw does not.
    :ivar keeps: the SQL that counts the rows that it keeps.
    """

    draws: str = ""
    sends: str = ""
    needs: str = ""
    many: str = ""
    keeps: str = ""

    def script_on(self, server: Server, name: str) -> Path:
        """Write what numbers one document, as pgbench takes it."""
        empty(server)
        script = server.directory / f"{name}.sql"
        if self.sends:
            script.write_text(told_by(server, "database", self.sends))
        else:
            script.write_text(SCRIPT.format(draw=self.draws))
        return script

    def prepare(self, database: psycopg.Connection) -> None:
        """Make what it needs."""
        if self.needs:
            database.execute(self.needs)

    def many_by(self, script: Path, count: int) -> str:
        """Give what numbers so many documents."""
        draw = re.search(r"BEGIN;\n(.*?) \\gset", script.read_text(), re.DOTALL)
        assert draw, script.read_text()
        return (self.many or ONE_BY_ONE).format(draw=draw[1], count=count)


ROW = "SELECT count(*) FROM sequences_sequence"

COUNTERS = {
    "a row (django-sequences)": Candidate(
        sends="django-sequences", many=MOVE, keeps=ROW
    ),
    "a row, fillfactor 10": Candidate(
        sends="django-sequences", needs=LEAVE_ROOM, many=MOVE, keeps=ROW
    ),
    "a row for each number": Candidate(
        draws="SELECT candidate_append('benchmark') AS number",
        needs=APPEND,
        keeps="SELECT count(*) FROM candidate_number",
    ),
    # It keeps no row at all: there is nothing to count.
    "the documents' own index": Candidate(
        draws="SELECT candidate_highest() AS number", needs=HIGHEST, keeps="SELECT 0"
    ),
    "a row, from the end (serial)": Candidate(sends="serial", keeps=ROW),
}

POOLS = {
    CEILING: Candidate(sends="nextval"),
    "the lowest row": Candidate(draws=TAKE_LOWEST, needs=FREE, many=TAKE_MANY),
    "a row near the lowest": Candidate(
        draws=TAKE_NEAR_LOWEST, needs=FREE, many=TAKE_MANY
    ),
    "draw and reclaim (pooled)": Candidate(sends="pooled"),
}

RECLAIMING = {
    "the same, of those that came back": Candidate(sends="pooled", needs=RETURNED)
}


@define
class Trial:
    """A candidate on a server of its own, and what it has done there."""

    method: str
    candidate: Candidate
    server: Server
    script: Path
    session: psycopg.Connection
    done: int = 0

    @classmethod
    def begun(cls, stack: ExitStack, method: str, candidate: Candidate) -> "Trial":
        """Start its server, and make what it needs there."""
        server = stack.enter_context(server_with("instant"))
        script = candidate.script_on(server, method)
        empty(server)
        session = stack.enter_context(server.connect("seriatim"))
        candidate.prepare(session)
        return cls(method, candidate, server, script, session)

    def work(self, clients: int = 1) -> float:
        """Number documents for a second; give how many there were."""
        done, rate = pgbench(self.server, self.script, clients, 1)
        self.done += done
        return rate

    def leave_versions(self, count: int) -> None:
        """Number so many documents."""
        self.session.execute(self.candidate.many_by(self.script, count))
        self.done += count

    def check(self, *, gapless: bool) -> None:
        """Let some clients put its numbers to the test, and check all of them."""
        self.work(CLIENTS[0])
        check_documents(self.server, self.method, self.done, gapless=gapless)

    def kept(self) -> Record:
        """Give how many rows it keeps."""
        if not self.candidate.keeps:
            return {}
        row = self.session.execute(self.candidate.keeps).fetchone()
        assert row
        return {"rows kept": row[0]}


def measure(seconds: float) -> Iterator[Record]:
    """Measure counters and pools under a snapshot, and pools by clients."""
    with server_with("instant") as server:
        if not has_pgbench(server):
            return
    yield from under_snapshot("counter", COUNTERS, gapless=True)
    yield from under_snapshot("pool", POOLS | RECLAIMING, gapless=False)
    yield from with_ratio(by_clients(seconds), CEILING)


def under_snapshot(
    kind: str, candidates: dict[str, Candidate], *, gapless: bool
) -> Iterator[Record]:
    """Measure one client before a snapshot is opened, and late under it."""
    with on_one_processor(), ExitStack() as stack:
        trials = [Trial.begun(stack, *each) for each in candidates.items()]
        starts = rates_of(trials)
        for trial in trials:
            reader = stack.enter_context(trial.server.connect("seriatim"))
            reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            reader.execute("SELECT count(*) FROM sequences_sequence")
            trial.leave_versions(SOON)
        soon = rates_of(trials)
        for trial in trials:
            trial.leave_versions(LATE - SOON)
        ends = rates_of(trials)
        for trial, *rates in zip(trials, starts, soon, ends, strict=True):
            trial.check(gapless=gapless)
            yield {
                kind: trial.method,
                "a second at the start": rates[0],
                f"after {SOON:,}": rates[1],
                f"after {LATE:,}": rates[2],
                "what is left": rates[2] / rates[0],
                **trial.kept(),
            }


def rates_of(trials: Sequence[Trial]) -> list[float]:
    """Give the best rate of each; they take turns."""
    rounds = [[trial.work() for trial in trials] for _ in range(ROUNDS)]
    return [max(rates) for rates in zip(*rounds, strict=True)]


def by_clients(seconds: float, rounds: int = 2) -> Iterator[Record]:
    """Measure pools by clients: the best of rounds taken in turn."""
    for flush in FLUSHES:
        with server_with(flush) as server:
            scripts = {
                name: each.script_on(server, name) for name, each in POOLS.items()
            }
            for clients in CLIENTS:
                runs = {
                    method: partial(run_pool, server, method, script, clients, seconds)
                    for method, script in scripts.items()
                }
                yield from best_in_turn(flush, clients, runs, rounds)


def run_pool(
    server: Server, method: str, script: Path, clients: int, seconds: float
) -> float:
    """Let pgbench empty a pool that is full; give how often a second it did."""
    empty(server)
    with server.connect("seriatim") as database:
        POOLS[method].prepare(database)
    done, rate = pgbench(server, script, clients, seconds)
    check_documents(server, method, done, gapless=False)
    return rate
