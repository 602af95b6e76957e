"""
Large audits, each beside the one statement that answers the same question.

And the memory they take.
"""

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

GAPS_ALONE = """
      SELECT previous + 1, number - 1
        FROM (SELECT number, lag(number) OVER (ORDER BY number) AS previous
                FROM books) AS numbers
       WHERE number - previous > 1
    ORDER BY number
"""

GAPS_AND_DISORDER = """
      SELECT previous + 1, number - 1, day, latest
        FROM (SELECT number, day,
                     lag(number) OVER (ORDER BY number) AS previous,
                     max(day) OVER (ORDER BY number
                                     ROWS BETWEEN UNBOUNDED PRECEDING
                                              AND 1 PRECEDING) AS latest
                FROM books) AS numbers
       WHERE number - previous > 1 OR day < latest
    ORDER BY number
"""

STATEMENTS = {
    "one statement": GAPS_ALONE,
    "one statement, with dates": GAPS_AND_DISORDER,
}
AUDITS = {
    "AuditNumbers": "one statement",
    "AuditNumbers, with dates": "one statement, with dates",
}
"""Each audit, and the statement that it is compared with."""


def measure(rows: int) -> Iterator[Record]:
    """Audit so many rows in each way, in turn; refuse one that misses a gap."""
    with server_with("instant") as server:
        missing = fill(server, rows)
        ways = [way for audit, peer in AUDITS.items() for way in (peer, audit)]
        runs = [
            (way, *run(server, way, missing)) for _ in range(ROUNDS) for way in ways
        ]
    best = {way: min(it[1] for it in runs if it[0] == way) for way in ways}
    for way in ways:
        yield {
            f"{rows:,} rows, {GAPS:,} gaps": way,
            "seconds": best[way],
            "times it": best[way] / best[AUDITS.get(way, way)],
            "MB grown": max(it[2] for it in runs if it[0] == way),
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

    if way in STATEMENTS:
        with connection.cursor() as cursor:
            cursor.execute(STATEMENTS[way])
            return [(first, last) for first, last, *_ in cursor]
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
