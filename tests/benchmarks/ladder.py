"""Documents a second through Django: every guarantee, its peer, and ``nextval``."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.benchmarks.methods import GAPLESS, METHODS
from tests.benchmarks.peer import peer_path
from tests.databases import new_server

ROOT = Path(__file__).parents[2]

FLUSHES = {"instant": 0, "5 ms": 5000}
"""How long a flush takes: the commit_delay of the server, in microseconds."""


@frozen(kw_only=True)
class Result:
    """One cell of the table."""

    method: str
    clients: int
    flush: str
    per_second: float


def measure(
    clients: tuple[int, ...] = (1, 8, 32), seconds: float = 4.0
) -> list[Result]:
    """Measure all methods, at both flushes, with some numbers of clients."""
    results = []
    for flush, delay in FLUSHES.items():
        # A delayed flush needs one to delay; an instant one is a server without fsync.
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
            migrate(server.url)
            for count in clients:
                for method in METHODS:
                    done = run(server, method, count, seconds)
                    check(server, method, done)
                    results.append(
                        Result(
                            method=method,
                            clients=count,
                            flush=flush,
                            per_second=done / seconds,
                        )
                    )
                    print(f"  {flush:>8} {count:>3} clients {method:<17}"
                          f"{done / seconds:>8.0f}/s", flush=True)
        finally:
            server.remove()
    return results


def environment(url: str, *, peer: bool = False) -> dict[str, str]:
    """Give the variables under which a client finds database and packages."""
    paths = [*([peer_path()] if peer else []), str(ROOT)]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "TEST_DATABASE": "postgresql",
        "TEST_POSTGRESQL_URL": url,
    }


def migrate(url: str) -> None:
    """Make the tables, ours and that of the documents."""
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity=0"],
        env=environment(url),
        cwd="/",
        check=True,
    )


def run(server: Any, method: str, clients: int, seconds: float) -> int:
    """Let clients number documents at the same time; give how many they did."""
    with server.connect("seriatim") as database:
        database.execute("TRUNCATE documents_document RESTART IDENTITY")
        database.execute("DELETE FROM sequences_sequence")
        database.execute("DROP SEQUENCE IF EXISTS benchmark_native")
        database.execute("CREATE SEQUENCE benchmark_native")
        database.commit()
    # Eight processes at the most, as application servers have; the rest are threads.
    threads = max(1, clients // 8)
    command = [sys.executable, "-m", "tests.benchmarks.client", method, str(threads)]
    processes = [
        subprocess.Popen(
            [*command, str(seconds)],
            env=environment(server.url, peer=method == "django-sequences"),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(clients // threads)
    ]
    for process in processes:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    done = 0
    for process in processes:
        done += int(process.communicate()[0])
    return done


def check(server: Any, method: str, done: int) -> None:
    """Refuse a result whose numbers are not right."""
    with server.connect("seriatim") as database:
        row = database.execute(
            "SELECT count(*), count(DISTINCT number), min(number), max(number) "
            "FROM documents_document"
        ).fetchone()
    assert row
    count, distinct, lowest, highest = row
    assert count == distinct == done, (method, row, done)
    if method in GAPLESS:
        assert (lowest, highest) == (1, done), (method, row, done)
