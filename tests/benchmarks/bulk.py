"""
Many numbers at a time: those of pending documents, and those of blocks.

As a program, it measures one of them.
"""

import json
import sys
import time
from collections.abc import Callable

from tests.benchmarks.methods import COLUMN
from tests.benchmarks.report import Record
from tests.benchmarks.server import server_with, told_by

ROUNDS = 5
PENDING = 100_000
BLOCK = 100_000
TAKEN = 2_000_000


def measure(what: str) -> list[Record]:
    """Measure numbers a second: the best of rounds."""
    with server_with("instant") as server:
        rate: float = told_by(server, "bulk", what)
    return [{"method": DOES[what], "a second": rate}]


def pending() -> float:
    """Number documents in one call; check that each has the number of its place."""
    from django.db import connection

    from sequences import Guarantee, NumberPending, Sequence, delete
    from tests.benchmarks.documents.models import Document

    group = Sequence("benchmark", guarantee=Guarantee.GROUPED, column=COLUMN)
    documents = Document.objects.order_by("pk")

    def once() -> float:
        delete("benchmark")
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE documents_document RESTART IDENTITY")
            cursor.execute(
                "INSERT INTO documents_document (day) "
                "SELECT 0 FROM generate_series(1, %s)",
                [PENDING],
            )
            cursor.execute("VACUUM ANALYZE documents_document")
        begin = time.perf_counter()
        done = NumberPending.run(sequence=group, pending=documents).count
        took = time.perf_counter() - begin
        assert done == PENDING, done
        numbers = list(documents.values_list("number", flat=True))
        assert numbers == list(range(1, PENDING + 1))
        return took

    return PENDING / best_of(once)


def blocks() -> float:
    """Take numbers in one thread; check that they are those that follow."""
    from sequences import BlockAllocator, Guarantee, Sequence

    block = Sequence("benchmark", guarantee=Guarantee.BLOCKS, block_size=BLOCK)
    with BlockAllocator(block) as allocator:
        take = allocator.take
        take()  # the first block is there

        def once() -> float:
            first = take() + 1
            begin = time.perf_counter()
            numbers = [take() for _ in range(TAKEN)]
            took = time.perf_counter() - begin
            assert numbers == list(range(first, first + TAKEN))
            return took

        return TAKEN / best_of(once)


def best_of(once: Callable[[], float]) -> float:
    """Give the shortest of some rounds."""
    return min(once() for _ in range(ROUNDS))


MEASURED = {"pending": pending, "blocks": blocks}

DOES = {
    "pending": f"`NumberPending`, {PENDING:,} rows in one call",
    "blocks": f"`BlockAllocator.take`, one thread, blocks of {BLOCK:,}",
}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(MEASURED[sys.argv[1]]()))
