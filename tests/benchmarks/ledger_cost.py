"""
What a ledger costs, and to look whether documents are ahead of their counter.

A number, its document and the commit, with it and without.

As a program, it measures; any database that Django is set up for will do.
"""

import json
import sys
import timeit
from collections.abc import Callable, Iterator
from itertools import count

from tests.benchmarks.methods import COLUMN
from tests.benchmarks.report import Record
from tests.benchmarks.server import server_with, told_by

DOCUMENTS = 10
ROUNDS = 300

WITHOUT = "no ledger"


def measure() -> Iterator[Record]:
    """Measure microseconds a document, with one client."""
    with server_with("instant") as server:
        took: dict[str, float] = told_by(server, "ledger_cost", "all")
    for method, us in took.items():
        yield {
            "method": method,
            "us a document": us,
            f"times {WITHOUT}": us / took[WITHOUT],
        }


def best_of_rounds() -> dict[str, float]:
    """Give microseconds a document: the best of rounds taken in turn."""
    from django.db import transaction

    from sequences import AllocateNumber, Sequence
    from tests.benchmarks.documents.models import Document

    keys = map(str, count())
    plain = Sequence("without a ledger")
    kept = Sequence("with a ledger", ledger=True)
    guarded = Sequence("beside documents", column=COLUMN)
    ways: dict[str, Callable[[], int]] = {
        WITHOUT: lambda: AllocateNumber.run(sequence=plain).value,
        "`column=`": lambda: AllocateNumber.run(sequence=guarded).value,
        "`ledger=True`": lambda: AllocateNumber.run(sequence=kept).value,
        "`ledger=True`, with a key": (
            lambda: AllocateNumber.run(sequence=kept, key=next(keys)).value
        ),
    }

    def issue(take: Callable[[], int]) -> None:
        with transaction.atomic():
            Document.objects.create(number=take())

    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, take in ways.items():
            took = timeit.timeit(lambda take=take: issue(take), number=DOCUMENTS)
            best[name] = min(best[name], took * 1e6 / DOCUMENTS)
            Document.objects.all().delete()
    return best


if __name__ == "__main__":
    import django

    django.setup()
    json.dump(best_of_rounds(), sys.stdout)
