"""One process of clients: ready, the word, documents until the time is up."""

import sys
import threading
import time


def main(method: str, clients: int, seconds: float) -> None:
    """Number documents by one method, in so many threads; write how many."""
    import django

    django.setup()
    from django.db import connection

    from tests.benchmarks.methods import METHODS

    one = METHODS[method]()  # here, where a failure ends the program
    done = [0] * clients
    ready = threading.Barrier(clients + 1)
    go = threading.Event()

    def client(index: int) -> None:
        connection.ensure_connection()
        ready.wait()
        go.wait()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            one()
            done[index] += 1
        connection.close()

    threads = [threading.Thread(target=client, args=[i]) for i in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    print("ready", flush=True)
    sys.stdin.readline()
    go.set()
    for thread in threads:
        thread.join()
    print(sum(done), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
