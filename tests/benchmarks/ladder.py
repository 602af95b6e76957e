"""Documents and numbers a second through Django, by every method."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from tests.benchmarks.methods import CALLS, DOCUMENTS, GAPLESS
from tests.benchmarks.peer import peer_path
from tests.databases import new_server
from tests.servers import Server

ROOT = Path(__file__).parents[2]

FLUSHES = {"instant": 0, "5 ms": 5000}
"""How long a flush takes: the commit_delay of the server, in microseconds."""

MOST_PROCESSES = 8
"""As many as an application server has; further clients are threads of these."""


@frozen(kw_only=True)
class Result:
    """What one method did, with so many clients, at one flush."""

    flush: str
    clients: int
    method: str
    per_second: float


def measure_documents(clients: Iterable[int], seconds: float) -> Iterator[Result]:
    """Measure documents a second, by every method, at both flushes."""
    for flush in FLUSHES:
        with server_with(flush) as server:
            for count in clients:
                for method in DOCUMENTS:
                    rate = run(server, method, count, seconds)
                    yield Result(
                        flush=flush, clients=count, method=method, per_second=rate
                    )


def measure_calls(seconds: float, rounds: int = 3) -> Iterator[Result]:
    """Measure numbers a second with one client: the best of rounds taken in turn."""
    best = dict.fromkeys(CALLS, 0.0)
    with server_with("instant") as server:
        for _ in range(rounds):
            for method in CALLS:
                best[method] = max(best[method], run(server, method, 1, seconds))
    for method, rate in best.items():
        yield Result(flush="instant", clients=1, method=method, per_second=rate)


@contextmanager
def server_with(flush: str) -> Iterator[Server]:
    """Start a server whose commits take as long as a flush, with our tables in it."""
    delay = FLUSHES[flush]
    # A delayed flush needs one that can be delayed.
    server = new_server("postgresql", durable=delay > 0)
    server.start()
    try:
        with server.connect() as admin:
            admin.autocommit = True
            admin.execute(f"ALTER SYSTEM SET commit_delay = {delay:d}")
            admin.execute("ALTER SYSTEM SET commit_siblings = 0")
            admin.execute("ALTER SYSTEM SET max_connections = 200")
        server.stop()
        server.start()
        migrate = (sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v0")
        subprocess.run(migrate, env=environment(server), cwd="/", check=True)
        yield server
    finally:
        server.remove()


def environment(server: Server, *, peer: bool = False) -> dict[str, str]:
    """Give the variables under which a client finds its database and its packages."""
    paths = [*([peer_path()] if peer else []), str(ROOT)]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "TEST_DATABASE": "postgresql",
        "TEST_POSTGRESQL_URL": server.url,
    }


def run(server: Server, method: str, clients: int, seconds: float) -> float:
    """Let clients work at the same time; give how much they did in a second."""
    with server.connect("seriatim") as database:
        database.execute("TRUNCATE documents_document RESTART IDENTITY")
        database.execute("DELETE FROM sequences_sequence")
        database.execute("DROP SEQUENCE IF EXISTS benchmark_native")
        database.execute("CREATE SEQUENCE benchmark_native")
        database.commit()
    threads = max(1, clients // MOST_PROCESSES)
    command = [sys.executable, "-m", "tests.benchmarks.client", method, str(threads)]
    processes = [
        subprocess.Popen(
            [*command, str(seconds)],
            env=environment(server, peer="django-sequences" in method),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(clients // threads)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    done = sum(int(process.communicate()[0]) for process in processes)
    check(server, method, done)
    return done / seconds


def check(server: Server, method: str, done: int) -> None:
    """Refuse a result whose numbers are not right."""
    with server.connect("seriatim") as database:
        row = database.execute(
            "SELECT count(*), count(DISTINCT number), min(number), max(number), "
            "       (SELECT last FROM sequences_sequence) FROM documents_document"
        ).fetchone()
    assert row
    count, distinct, lowest, highest, last = row
    if method in CALLS:
        assert last == done, (method, row, done)
        return
    assert count == distinct == done, (method, row, done)
    if method in GAPLESS:
        assert (lowest, highest) == (1, done), (method, row, done)
