"""Sequences of documents, one for each guarantee, for tests that number some."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Manager
from django.db.models.query import QuerySet

from sequences import ClaimNumber, Guarantee, Sequence
from sequences.pools.postgresql import DrawAndReclaim
from tests.documents.models import Document

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


def issue(papers: Sequence, *, fails: bool = False) -> int:
    """Claim a number for a document, in a transaction that may roll back."""
    with transaction.atomic():
        number = ClaimNumber.run(sequence=papers).value
        Document.objects.create(number=number)
        transaction.set_rollback(fails)
    return number


def drop_source(papers: Sequence) -> None:
    """Drop the native sequence of a pool."""
    source = DrawAndReclaim(papers, "default").source
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SEQUENCE IF EXISTS "{source}"')


def hide_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the base manager of test documents leave out all of them."""
    hiding = Manager.from_queryset(QuerySet)()
    hiding.model = Document
    monkeypatch.setattr(hiding, "get_queryset", Document.objects.none)
    monkeypatch.setitem(vars(Document._meta), "base_manager", hiding)
