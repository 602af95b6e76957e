"""A process that does all that there is to do, and tells what it left in its session.

`python -m tests.sequences.faults.errand SESSIONS` prints as JSON what of the server's
session is not as it was before, by kind; and, as `sessions`, in how many of them it was
at the least. It opens so many before it begins, so that a pooler has them.
"""

import json
import sys
from contextlib import ExitStack
from typing import Any, Final

import django

django.setup()

# All of these need the setup.
from django.db import connection, transaction  # noqa: E402

from sequences import (  # noqa: E402
    AdoptNumbers,
    AllocateNumbers,
    AuditNumbers,
    CloseSequence,
    Guarantee,
    NextNumber,
    ReplenishPool,
    Sequence,
    SetCounter,
    VoidNumber,
    close_allocators,
    delete,
    get_last_value,
    get_next_value,
    get_next_values,
    retry_on_conflict,
)
from tests.sequences.faults.models import Document  # noqa: E402
from tests.sequences.faults.sessions import own_session  # noqa: E402
from tests.sequences.faults.strategies import (  # noqa: E402
    Blocks,
    Grouped,
    Impatient,
    Keyed,
    Native,
    PooledAhead,
    Serial,
)

FATES: Final = ["well", "rolled back to a savepoint", "well"]

PRINTED: Final = 5_000

COLUMN: Final = "faults.Document.number"

# The server's own views of its session.
TRACES: Final = {
    "settings": "SELECT name, setting FROM pg_settings WHERE setting <> reset_val",
    "statements": "SELECT name FROM pg_prepared_statements",
    "cursors": "SELECT name FROM pg_cursors WHERE name <> ''",
    "channels": "SELECT pg_listening_channels()",
    "locks": """
        SELECT objid::text FROM pg_locks
         WHERE pid = pg_backend_pid() AND locktype = 'advisory'
    """,
    "tables": """
        SELECT relname::text FROM pg_class WHERE relnamespace = pg_my_temp_schema()
    """,
}


def traces() -> dict[str, set[Any]]:
    """Give what a session may keep beyond a transaction."""
    found = {}
    with connection.cursor() as cursor:
        for kind, statement in TRACES.items():
            cursor.execute(statement)
            found[kind] = set(cursor.fetchall())
    return found


def number_documents() -> None:
    """Make some in every way that there is."""
    for strategy in (Serial, Impatient, Keyed, Grouped, PooledAhead, Blocks, Native):
        numbering = strategy(f"errand_{strategy.__name__}".lower())
        numbering.prepare()
        for place, fate in enumerate(FATES):
            make = retry_on_conflict()(numbering.make)
            make(f"{strategy.__name__}-{place}", fate, lambda *_: None)
        numbering.rest()
    close_allocators()
    with transaction.atomic():
        series = Sequence("errand_insert", column=COLUMN)
        Document.objects.create(operation="insert", number=NextNumber(series))
        AllocateNumbers.run(sequence="errand", count=3)
        get_next_value("errand", nowait=True)
        get_next_values(2, "errand")
    get_last_value("errand")


def keep_the_books() -> None:
    """Audit, adopt, void and close."""
    series = Sequence("errand_keyed", column=COLUMN, ledger=True)
    Document.objects.exclude(operation__startswith="Keyed").delete()
    AuditNumbers.run(sequence=series)
    AdoptNumbers.run(sequence=series)
    with transaction.atomic():
        AllocateNumbers.run(sequence=series, count=5)
        VoidNumber.run(sequence=series, value=5, reason="printed badly")
    CloseSequence.run(sequence=series, reason="the year is over")
    pool = Sequence("errand_pool", guarantee=Guarantee.POOLED, column=COLUMN)
    ReplenishPool.run(sequence=pool)
    AuditNumbers.run(sequence=pool)
    with transaction.atomic():
        SetCounter.run(sequence="errand", last=100)
    delete("errand")
    look_at_printed_numbers()


def look_at_printed_numbers() -> None:
    """Read more of them than are fetched at once, and change nothing."""
    papers = [Document(operation=f"P-{number}") for number in range(1, PRINTED + 1)]
    Document.objects.all().delete()
    Document.objects.bulk_create(papers)
    series = Sequence(
        "errand_printed", format="P-{value}", column="faults.Document.operation"
    )
    assert AdoptNumbers.run(sequence=series, dry_run=True).after == PRINTED
    AuditNumbers.run(sequence=series)


def open_sessions(count: int) -> None:
    """Be in so many transactions at once."""
    with ExitStack() as ends:
        for _ in range(count):
            session = connection.copy()
            ends.callback(session.close)
            ends.callback(session.rollback)  # else the pooler would close it
            session.set_autocommit(False)
            session.cursor().execute("SELECT 1")


def main(sessions: int) -> None:
    """Look, do it all, and look again."""
    open_sessions(sessions)
    seen, before = {own_session()}, traces()
    number_documents()
    keep_the_books()
    seen |= {own_session() for _ in range(sessions)}
    after = traces()
    told: dict[str, Any] = {
        kind: sorted(map(str, after[kind] - before[kind])) for kind in TRACES
    }
    print(json.dumps(told | {"sessions": len(seen)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
