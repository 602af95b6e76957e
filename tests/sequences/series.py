"""Sequences of documents, one for each guarantee, for tests that number some."""

from typing import Any

from sequences import Guarantee, Sequence

COLUMN = "documents.Document.number"


def series(guarantee: Guarantee, **options: Any) -> Sequence:
    """Declare a sequence of test documents."""
    return Sequence("papers", guarantee=guarantee, column=COLUMN, **options)
