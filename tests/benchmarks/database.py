"""
Documents a second in the database alone: the SQL really sent, driven by pgbench.

As a program, it tells what one method sends for one document.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.report import Record, best_in_turn
from tests.benchmarks.server import (
    FLUSHES,
    check_documents,
    empty,
    server_with,
    told_by,
)
from tests.servers import Server

METHODS = (
    "django-sequences",
    "serial",
    "serial in the INSERT",
    "serial in the INSERT, autocommit",
)


CLIENTS = (1, 8, 32)


def measure(seconds: float, rounds: int = 2) -> Iterator[Record]:
    """Measure documents a second: the best of rounds taken in turn."""
    for flush in FLUSHES:
        with server_with(flush) as server, tempfile.TemporaryDirectory() as folder:
            if not has_pgbench(server):
                return
            scripts = {
                method: Path(folder, f"{index}.sql")
                for index, method in enumerate(METHODS)
            }
            for method, script in scripts.items():
                empty(server)
                script.write_text(told_by(server, "database", method))
            for count in CLIENTS:
                runs = {
                    method: partial(run, server, method, script, count, seconds)
                    for method, script in scripts.items()
                }
                yield from best_in_turn(flush, count, runs, rounds)


def has_pgbench(server: Server) -> bool:
    """Tell whether the server comes with pgbench; say so if it does not."""
    if shutil.which("pgbench", path=server.search_path):
        return True
    print(f"SKIPPED: there is no pgbench in {server.search_path}.", file=sys.stderr)
    return False


def run(
    server: Server, method: str, script: Path, clients: int, seconds: float
) -> float:
    """Let pgbench run a script; give how often a second it did."""
    empty(server)
    done, rate = pgbench(server, script, clients, seconds)
    check_documents(server, method, done, gapless=True)
    return rate


def pgbench(
    server: Server, script: Path, clients: int, seconds: float
) -> tuple[int, float]:
    """Let pgbench run a script; give how often it did, and how often a second."""
    told = subprocess.check_output(
        [
            *(server.program("pgbench"), "--no-vacuum", "--file", str(script)),
            *("--client", str(clients), "--time", str(max(1, round(seconds)))),
            *("--jobs", str(min(clients, os.cpu_count() or 1)), server.url),
        ],
        text=True,
    )
    done = re.search(r"transactions actually processed: (\d+)", told)
    rate = re.search(r"tps = ([\d.]+)", told)
    assert done, told
    assert rate, told
    return int(done[1]), float(rate[1])


def script_of(method: str) -> str:
    """Number one document through Django; give what was sent, as pgbench takes it."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.benchmarks.methods import METHODS as KNOWN

    one = KNOWN[method]()
    one()  # what is asked once a connection is asked by now
    with CaptureQueriesContext(connection) as captured:
        one()
    sent = [query["sql"].strip().rstrip(";") for query in captured]
    if len(sent) == len(("BEGIN", "draw", "INSERT", "COMMIT")):
        with connection.cursor() as cursor:
            cursor.execute(sent[1])
            [column] = [each.name for each in cursor.description]
        assert "VALUES (2, 0)" in sent[2], sent
        sent[1] += " \\gset"
        sent[2] = sent[2].replace("VALUES (2, 0)", f"VALUES (:{column}, 0)")
    ended = (each if each.endswith("\\gset") else f"{each};" for each in sent)
    return "\n".join(ended) + "\n"


if __name__ == "__main__":
    print(json.dumps(script_of(sys.argv[1])))
