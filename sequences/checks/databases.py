"""Settings of a database under which numbers cost more care."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.checks import CheckMessage, Info, Warning  # noqa: A004
from django.db import connections, router

from sequences.checks.hints import hint_at
from sequences.counters.base import counter_model
from sequences.isolation import level_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence as Messages

# Levels at which a transaction is ended instead of waiting for another.
_RETRIED_LEVELS: Final = {
    "postgresql": {"REPEATABLE READ", "SERIALIZABLE"},
    "mysql": {"SERIALIZABLE"},
}


def check_databases(
    *, databases: Iterable[str] | None = None, **_: Any
) -> Messages[CheckMessage]:
    """W001, W002, I001: settings of a database under which numbers cost more care."""
    return [
        message
        for alias in databases or connections
        if router.allow_migrate_model(alias, counter_model())
        for message in _check_database(alias)
    ]


def _check_database(alias: str) -> Iterable[CheckMessage]:
    connection = connections[alias]
    options = connection.settings_dict.get("OPTIONS", {})
    if connection.vendor == "sqlite" and (
        str(options.get("transaction_mode", "")).upper()
        not in ("IMMEDIATE", "EXCLUSIVE")
    ):
        yield Warning(
            f"Transactions on SQLite database {alias!r} begin as readers. Two that "
            f"take a number at once fail with 'database is locked'.",
            hint=hint_at(
                "sequences.W001",
                f"Set DATABASES[{alias!r}]['OPTIONS']['transaction_mode'] = "
                f"'IMMEDIATE'.",
            ),
            id="sequences.W001",
        )
    level = level_of(connection)
    if level in _RETRIED_LEVELS.get(connection.vendor, ()):
        yield Warning(
            f"On database {alias!r} transactions run at {level}, where one that takes "
            f"a number after another did is ended by the database.",
            hint=hint_at(
                "sequences.W002",
                "Wrap the outermost transaction in sequences.retry_on_conflict.",
            ),
            id="sequences.W002",
        )
    if connection.settings_dict.get("ATOMIC_REQUESTS"):
        yield Info(
            f"ATOMIC_REQUESTS is on for database {alias!r}: a view that takes a number "
            f"holds its sequence until the view ends.",
            hint=hint_at(
                "sequences.I001",
                "Take the number late in the view, or mark the view with "
                "transaction.non_atomic_requests.",
            ),
            id="sequences.I001",
        )
