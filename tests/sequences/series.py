"""Sequences of documents, one for each guarantee, for tests that number some."""

from typing import Any

from django.db import connection

from sequences import Guarantee, Sequence
from sequences.pools.postgresql import DrawAndReclaim

COLUMN = "documents.Document.number"


def series(guarantee: Guarantee, **options: Any) -> Sequence:
    """Declare a sequence of test documents."""
    return Sequence("papers", guarantee=guarantee, column=COLUMN, **options)


def slips_with_ledger() -> Sequence:
    """Declare the sequence of test bills, which has parts, with a ledger."""
    return Sequence(
        "slips",
        format="B-{period:%Y}-{scope.branch}-{value:03d}",
        period="year",
        scope=("branch",),
        column="documents.Bill.number",
        ledger=True,
    )


def drop_source(papers: Sequence) -> None:
    """Drop the native sequence of a pool."""
    source = DrawAndReclaim(papers, "default").source
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SEQUENCE IF EXISTS "{source}"')
