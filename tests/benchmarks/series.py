"""
What one allocation costs in a table of one sequence, and in one of a million.

As a program, it measures on the two databases of a server.
"""

import json
import random
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from tests.benchmarks.report import Record
from tests.benchmarks.server import server_with, told_by

MANY = 1_000_000
ROUNDS = 40
DRAWS = 250

FILL = """
    INSERT INTO sequences_sequence (name, last)
         SELECT 'series ' || number, 0 FROM generate_series(1, %s) AS number
"""


def measure() -> list[Record]:
    """Measure microseconds a number: the best of rounds taken in turn."""
    with server_with("instant") as server:
        took: dict[str, float] = told_by(server, "series", "serial")
    alone = next(iter(took.values()))
    return [
        {"drawn from": name, "us a number": us, "times one alone": us / alone}
        for name, us in took.items()
    ]


def main() -> dict[str, float]:
    """Fill the databases, draw, and check what the counters hold."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections, transaction

    from sequences import AllocateNumber, Sequence

    call_command("migrate", database="other", run_syncdb=True, verbosity=0)
    for using, size in (("default", 1), ("other", MANY)):
        with connections[using].cursor() as cursor:
            cursor.execute(FILL, [size])
            cursor.execute("VACUUM ANALYZE sequences_sequence")

    def draws_from(sequences: Any, using: str) -> Callable[[], float]:
        def draws() -> float:
            chosen = [next(sequences) for _ in range(DRAWS)]
            begin = time.perf_counter()
            for sequence in chosen:
                with transaction.atomic(using=using):
                    AllocateNumber.run(sequence=sequence)
            return (time.perf_counter() - begin) / DRAWS * 1e6

        return draws

    def one(using: str) -> Any:
        sequence = Sequence("series 1", using=using)
        return (sequence for _ in count())

    pick = random.Random(1).randint
    any_of_many = (Sequence(f"series {pick(1, MANY)}", using="other") for _ in count())
    ways = {
        "the only sequence": draws_from(one("default"), "default"),
        f"one sequence of {MANY:,}": draws_from(one("other"), "other"),
        f"any sequence of {MANY:,}": draws_from(any_of_many, "other"),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, draws in ways.items():
            best[name] = min(best[name], draws())
    for using, times in (("default", 1), ("other", 2)):
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT sum(last) FROM sequences_sequence")
            assert cursor.fetchone() == (times * ROUNDS * DRAWS,), using
    return best


if __name__ == "__main__":
    print(json.dumps(main()))
