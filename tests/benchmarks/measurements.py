"""All that is measured: how, and how it is shown."""

import argparse
import os
from collections.abc import Callable, Iterable, Sequence

from tests.benchmarks.report import (
    Record,
    by_clients,
    of_candidates,
    plain,
    under_snapshot,
    with_ratio,
)

Measured = Iterable[Record]


def services(_: argparse.Namespace) -> Measured:
    """What a service costs, beside its peers, in microseconds a call."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.benchmarks.settings")
    import django

    django.setup()
    from tests.benchmarks import services_cost

    took = services_cost.measure()
    ours = took["services"]
    return [
        {"method": name, "us a call": us, "times ours": us / ours}
        for name, us in took.items()
    ]


def calls(options: argparse.Namespace) -> Measured:
    """Numbers a second with one client."""
    from tests.benchmarks import ladder

    return with_ratio(ladder.measure_calls(options.seconds))


def ledger(_: argparse.Namespace) -> Measured:
    """What a ledger costs, in microseconds a document."""
    from tests.benchmarks import ledger_cost

    return ledger_cost.measure()


def documents(options: argparse.Namespace) -> Measured:
    """Documents a second through Django, by guarantee, at two flushes."""
    from tests.benchmarks import ladder

    return with_ratio(ladder.measure_documents(options.clients, options.seconds))


def database(options: argparse.Namespace) -> Measured:
    """Documents a second in the database alone."""
    from tests.benchmarks import database

    return with_ratio(database.measure(options.seconds))


def snapshot(_: argparse.Namespace) -> Measured:
    """Numbers a second under a snapshot that stays open."""
    from tests.benchmarks import snapshot

    return snapshot.measure()


def candidates(options: argparse.Namespace) -> Measured:
    """What was tried for counters and for pools, in the database alone."""
    from tests.benchmarks import candidates

    return candidates.measure(options.seconds)


def series(_: argparse.Namespace) -> Measured:
    """What one allocation costs among a million sequences."""
    from tests.benchmarks import series

    return series.measure()


def pending(_: argparse.Namespace) -> Measured:
    """Pending documents numbered a second."""
    from tests.benchmarks import bulk

    return bulk.measure("pending")


def blocks(_: argparse.Namespace) -> Measured:
    """Numbers a second from memory."""
    from tests.benchmarks import bulk

    return bulk.measure("blocks")


def audit(options: argparse.Namespace) -> Measured:
    """An audit of many rows on PostgreSQL, beside the one statement for its gaps."""
    from tests.benchmarks import audits

    return audits.measure(options.rows)


MEASUREMENTS: dict[str, Callable[[argparse.Namespace], Measured]] = {
    function.__name__: function
    for function in (
        services,
        calls,
        ledger,
        documents,
        database,
        snapshot,
        candidates,
        series,
        pending,
        blocks,
        audit,
    )
}

FORMS: dict[str, Callable[[Sequence[Record]], str]] = {
    "documents": by_clients,
    "database": by_clients,
    "snapshot": under_snapshot,
    "candidates": of_candidates,
}


def shown(name: str, records: Sequence[Record]) -> str:
    """Give the results of one measurement as Markdown."""
    return FORMS.get(name, plain)(records)
