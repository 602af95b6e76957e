"""A large audit beside the one statement that would do it, and the memory it takes."""

import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.benchmarks.report import Record
from tests.benchmarks.server import environment, server_with
from tests.servers import Server

GAPS = 1_000
ROUNDS = 3
WAYS = ("one statement", "AuditNumbers", "AuditNumbers, with dates")

STATEMENT = """
      SELECT previous + 1, number - 1
        FROM (SELECT number, lag(number) OVER (ORDER BY number) AS previous
                FROM books) AS numbers
       WHERE number - previous > 1
    ORDER BY number
"""


def measure(rows: int) -> Iterator[Record]:
    """Audit so many rows in each way, in turn; refuse one that misses a gap."""
    with server_with("instant") as server:
        missing = fill(server, rows)
        runs = [
            (way, *run(server, way, missing)) for _ in range(ROUNDS) for way in WAYS
        ]
    alone = min(seconds for way, seconds, _ in runs if way == WAYS[0])
    for way in WAYS:
        seconds, grown = zip(*(it[1:] for it in runs if it[0] == way), strict=True)
        yield {
            f"{rows:,} rows, {GAPS:,} gaps": way,
            "seconds": min(seconds),
            "times it": min(seconds) / alone,
            "MB grown": max(grown),
        }


def fill(server: Server, rows: int) -> list[int]:
    """Write documents, dated in their order, and give the numbers left out."""
    missing = sorted(random.Random(rows).sample(range(2, rows), GAPS))
    with server.connect("seriatim") as database:
        database.execute("CREATE TABLE books (number bigint, day date, text text)")
        database.execute(
            "INSERT INTO books "
            "SELECT number, date '2000-01-01' + (number / 1000)::int, repeat('x', 80) "
            "FROM generate_series(1, %s) AS number WHERE number <> ALL(%s)",
            (rows, missing),
        )
        database.execute("CREATE UNIQUE INDEX ON books (number)")
        database.commit()
        database.autocommit = True
        database.execute("VACUUM ANALYZE books")
    return missing


def run(server: Server, way: str, missing: list[int]) -> tuple[float, float]:
    """Audit in a process of its own; give seconds, and megabytes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.audits", way],
        env=environment(server),
        cwd="/",
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds, grown, *found = done.stdout.split()
    assert [int(number) for number in found] == missing, f"{way} misses some"
    return float(seconds), float(grown)


def audit(way: str) -> list[tuple[int, int]]:
    """Give the gaps, found in one way."""
    from django.db import connection

    from sequences import AuditNumbers

    if way == "one statement":
        with connection.cursor() as cursor:
            cursor.execute(STATEMENT)
            return list(cursor)
    found = AuditNumbers.run(
        table="books",
        column="number",
        order_by="day" if "dates" in way else None,
        using="default",
    ).audit
    assert not found.disorder.count
    return [(gap.first, gap.last) for gap in found.gaps.listed]


def main(way: str) -> None:
    """Measure one audit, and write what it found."""
    import django

    django.setup()
    from django.db import connection

    from sequences import AuditNumbers

    assert AuditNumbers
    connection.ensure_connection()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    gaps = audit(way)
    seconds = time.perf_counter() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    missing = [number for first, last in gaps for number in range(first, last + 1)]
    print(f"{seconds:.3f}", f"{grown / 1024:.1f}", *missing)


if __name__ == "__main__":
    main(sys.argv[1])
