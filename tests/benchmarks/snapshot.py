"""
Numbers a second, while somebody holds a snapshot open for long.

As a program, it draws numbers by one method: a window of them for each line it reads.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

from tests.benchmarks.methods import UNDER_SNAPSHOT
from tests.benchmarks.report import EARLY, LATE, Record
from tests.benchmarks.server import server_with, start

WINDOW = 2_000


def measure() -> Iterator[Record]:
    """Measure each window; methods take turns, each on a server of its own."""
    with ExitStack() as stack:
        programs = {}
        for method in UNDER_SNAPSHOT:
            server = stack.enter_context(server_with("instant"))
            program = stack.enter_context(start(server, "snapshot", method))
            assert program.stdout.readline() == "ready\n"
            snapshot = stack.enter_context(server.connect("seriatim"))
            snapshot.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            snapshot.execute("SELECT count(*) FROM sequences_sequence")
            programs[method] = program
        for begun in range(0, LATE + EARLY, WINDOW):
            for method, program in programs.items():
                program.stdin.write("go\n")
                program.stdin.flush()
                took = float(program.stdout.readline())
                yield {"method": method, "after": begun, "a second": WINDOW / took}
        for program in programs.values():
            program.stdin.close()
            assert program.stdout.readline() == "right\n"


def main(method: str) -> None:
    """Draw windows of numbers as long as they are asked for."""
    import django

    django.setup()
    draw = UNDER_SNAPSHOT[method]()
    numbers = [draw() for _ in range(WINDOW // 4)]  # warm
    print("ready", flush=True)
    for _ in sys.stdin:
        begin = time.perf_counter()
        numbers += [draw() for _ in range(WINDOW)]
        print(time.perf_counter() - begin, flush=True)
    assert numbers == list(range(1, len(numbers) + 1)), method
    print("right", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
