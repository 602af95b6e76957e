"""PostgreSQL servers whose commits take as long as wished, and programs beside them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.peer import peer_path
from tests.databases import new_server
from tests.servers import Server

ROOT = Path(__file__).parents[2]

FLUSHES = {"instant": 0, "5 ms": 5000}
"""How long a flush takes: the commit_delay of the server, in microseconds."""


@contextmanager
def server_with(flush: str) -> Iterator[Server]:
    """Start a server whose commits take as long as a flush, with our tables in it."""
    delay = FLUSHES[flush]
    # A delayed flush needs one that can be delayed.
    server = new_server("postgresql", durable=delay > 0)
    server.start()
    try:
        with server.connect() as admin:
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
    """Give the variables under which a program finds its database and its packages."""
    paths = [*([peer_path()] if peer else []), str(ROOT)]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "TEST_DATABASE": "postgresql",
        "TEST_POSTGRESQL_URL": server.url,
    }


def start(server: Server, module: str, method: str, *args: str) -> Any:
    """Start a module of ours as a program that works by one method, or any."""
    return subprocess.Popen(
        [sys.executable, "-m", f"tests.benchmarks.{module}", method, *args],
        env=environment(server, peer="django-sequences" in method),
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def told_by(server: Server, module: str, method: str) -> Any:
    """Run a module of ours as a program; give what it tells, as JSON."""
    program = start(server, module, method)
    told, _ = program.communicate()
    assert program.returncode == 0, (module, method)
    return json.loads(told)


def empty(server: Server) -> None:
    """Forget all documents and counters."""
    with server.connect("seriatim") as database:
        database.execute("TRUNCATE documents_document RESTART IDENTITY")
        database.execute("DELETE FROM sequences_sequence")
        database.execute("DROP SEQUENCE IF EXISTS benchmark_native")
        database.execute("CREATE SEQUENCE benchmark_native")


def check_documents(server: Server, method: str, done: int, *, gapless: bool) -> None:
    """Refuse a result whose documents are not numbered right."""
    with server.connect("seriatim") as database:
        row = database.execute(
            "SELECT count(*), count(DISTINCT number), min(number), max(number)"
            "  FROM documents_document"
        ).fetchone()
    assert row
    count, distinct, lowest, highest = row
    assert count == distinct == done, (method, row, done)
    if gapless:
        assert (lowest, highest) == (1, done), (method, row, done)
