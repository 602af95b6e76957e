"""All measurements, side by side in one run: ``python -m tests.benchmarks``."""

import argparse
import os
import platform
import sys

from tests.benchmarks.report import table


def services() -> None:
    """What a service costs, beside its peers, in microseconds a call."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.benchmarks.settings")
    import django

    django.setup()
    from tests.benchmarks import services_cost

    took = services_cost.measure()
    ours = took["services"]
    print(
        table(
            ["service of five steps, three inputs", "us a call", "times ours"],
            [(name, f"{us:.2f}", f"{us / ours:.2f}") for name, us in took.items()],
        )
    )


def calls(seconds: float) -> None:
    """Numbers a second with one client."""
    from tests.benchmarks import ladder

    results = list(ladder.measure_calls(seconds))
    peer = next(r for r in results if r.method.startswith("django-sequences"))
    print(
        table(
            ["one number, one client", "a second", "times django-sequences"],
            [
                (
                    result.method,
                    f"{result.per_second:.0f}",
                    f"{result.per_second / peer.per_second:.2f}",
                )
                for result in results
            ],
        )
    )


def documents(seconds: float, clients: list[int]) -> None:
    """Documents a second, by guarantee, at two flushes."""
    from tests.benchmarks import ladder

    rows, peer = [], 0.0
    for result in ladder.measure_documents(clients, seconds):
        if result.method == "django-sequences":
            peer = result.per_second
        rows.append(
            (
                result.flush,
                str(result.clients),
                result.method,
                f"{result.per_second:.0f}",
                f"{result.per_second / peer:.2f}",
            )
        )
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    head = ["flush", "clients", "documents by", "a second", "times django-sequences"]
    print(table(head, rows))


def audits(rows: int) -> None:
    """An audit of many rows on PostgreSQL, beside the one statement for its gaps."""
    from tests.benchmarks import audits as measured

    results = list(measured.measure(rows))
    alone = results[0].seconds
    print(
        table(
            [f"{rows} rows, {measured.GAPS} gaps", "seconds", "times it", "MB grown"],
            [
                (
                    result.way,
                    f"{result.seconds:.2f}",
                    f"{result.seconds / alone:.2f}",
                    f"{result.grown_mb:.1f}",
                )
                for result in results
            ],
        )
    )


def main() -> None:
    """Run what is asked for, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("what", nargs="*", help="services, calls, documents, audit")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--rows", type=int, default=1_000_000, help="Of the audit.")
    options = parser.parse_args()
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"{platform.machine()}. Ratios count; absolute numbers are this machine's.\n"
    )
    what = options.what or ["services", "calls", "documents", "audit"]
    if "services" in what:
        services()
    if "calls" in what:
        calls(options.seconds)
    if "documents" in what:
        documents(options.seconds, options.clients)
    if "audit" in what:
        audits(options.rows)


if __name__ == "__main__":
    main()
