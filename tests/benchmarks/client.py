"""One process of clients: ready; then at each word, work until the time is up."""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor


def main(method: str, clients: int, seconds: float) -> None:
    """At each line, work by one method in so many threads; write how much was done."""
    import django

    django.setup()
    from django.db import connection

    from tests.benchmarks.methods import METHODS

    one = METHODS[method]()
    all_there = threading.Barrier(clients, timeout=60)

    def connect() -> None:
        connection.ensure_connection()
        all_there.wait()  # each thread has its own

    def work() -> int:
        done = 0
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            one()
            done += 1
        return done

    with ThreadPoolExecutor(clients) as threads:
        for begun in [threads.submit(connect) for _ in range(clients)]:
            begun.result()
        print("ready", flush=True)
        for _ in sys.stdin:
            working = [threads.submit(work) for _ in range(clients)]
            print(sum(each.result() for each in working), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
