"""Documents and numbers a second through Django, by every method."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median

from tests.benchmarks.methods import CALLS, DOCUMENTS, GAPLESS
from tests.benchmarks.report import Record, best_in_turn
from tests.benchmarks.server import (
    FLUSHES,
    check_documents,
    empty,
    server_with,
    start,
)
from tests.servers import Server

MOST_PROCESSES = 8
"""As many as an application server has; further clients are threads of these."""


def measure_documents(clients: Iterable[int], seconds: float) -> Iterator[Record]:
    """Measure documents a second, by every method, at both flushes."""
    for flush in FLUSHES:
        with server_with(flush) as server:
            for count in clients:
                runs = {
                    method: partial(run, server, method, count, seconds)
                    for method in DOCUMENTS
                }
                yield from best_in_turn(flush, count, runs, rounds=1)


def measure_calls(seconds: float, rounds: int = 8, turns: int = 8) -> Iterator[Record]:
    """
    Measure numbers a second with one client: the median of short turns.

    Each round has new processes: how one of them lies in memory makes some hundredths.
    """
    share = seconds / 10
    rates: dict[str, list[float]] = {method: [] for method in CALLS}
    with on_one_processor(), server_with("instant") as server:
        for _ in range(rounds):
            empty(server)
            done = 0
            for method, drawn in in_turn(server, turns, share):
                rates[method].append(drawn / share)
                done += drawn
            check_counter(server, done)
    for method, found in rates.items():
        yield {"method": method, "a second": median(found)}


def in_turn(server: Server, turns: int, seconds: float) -> Iterator[tuple[str, int]]:
    """Let one client of each method draw in turn; give how many each time."""
    clients = {
        method: start(server, "client", method, "1", str(seconds)) for method in CALLS
    }
    for client in clients.values():
        assert client.stdout.readline() == "ready\n"
    for _ in range(turns):
        for method, client in clients.items():
            client.stdin.write("go\n")
            client.stdin.flush()
            yield method, int(client.stdout.readline())
    for client in clients.values():
        client.communicate()


@contextmanager
def on_one_processor() -> Iterator[None]:
    """
    Keep this process, and what it starts, on one processor, where that can be.

    On several, what one client measures is how long they take to wake each other: on a
    virtual machine, from run to run, a third or three times of what its calls cost.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def run(server: Server, method: str, clients: int, seconds: float) -> float:
    """Let clients work at the same time; give how much they did in a second."""
    empty(server)
    threads = max(1, clients // MOST_PROCESSES)
    processes = [
        start(server, "client", method, str(threads), str(seconds))
        for _ in range(clients // threads)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    done = sum(int(process.communicate()[0]) for process in processes)
    check_documents(server, method, done, gapless=method in GAPLESS)
    return done / seconds


def check_counter(server: Server, done: int) -> None:
    """Refuse a result after which the counter does not stand at its number."""
    with server.connect("seriatim") as database:
        row = database.execute("SELECT last FROM sequences_sequence").fetchone()
    assert row == (done,), (row, done)
