"""Which documents bear the numbers of a sequence, or of a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import F

from sequences.membership import documents_of, is_text, stored_part

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from sequences.definitions import Sequence

_ASKED_AT_ONCE: Final = 500
"""Of so many texts a statement asks: SQLite takes 999 parameters."""


def sees_documents(sequence: Sequence) -> bool:
    """Tell whether its column tells which of its numbers are on documents."""
    return sequence.column is not None and stored_part(sequence) is not None


def sees_part(sequence: Sequence) -> bool:
    """Tell whether it is a part of a sequence whose documents tell their part."""
    return sequence.column is not None and bool(stored_part(sequence))


def first_document(
    sequence: Sequence, values: range, using: str
) -> tuple[int, Model] | None:
    """
    Give the first of some numbers that a document bears, and the document, locked.

    Locked, since a plain read may be older than the lock of the counter.

    :raises InvalidSequence: if the column does not exist.
    """
    documents = sequence.documents()
    found = documents_of(sequence, using).select_for_update()
    if not is_text(documents):
        possible = with_possible_numbers(found, documents.field, sequence)
        within = possible.filter(
            **{f"{documents.field}__range": (values[0], values[-1])}
        )
        for document in within.order_by(documents.field)[:1]:
            return getattr(document, documents.field), document
        return None
    for at in range(0, len(values), _ASKED_AT_ONCE):
        printed = {sequence.print(n): n for n in values[at : at + _ASKED_AT_ONCE]}
        there = found.filter(**{f"{documents.field}__in": printed})
        by_text = {getattr(document, documents.field): document for document in there}
        for text, number in printed.items():
            # To some databases capitals are small letters: what differs is another's.
            if text in by_text:
                return number, by_text[text]
    return None


def with_possible_numbers(
    documents: QuerySet[Any], field: str, sequence: Sequence
) -> QuerySet[Any]:
    """Leave aside documents whose number the sequence cannot have given out."""
    first, step = sequence.initial_value, sequence.increment
    within = documents.filter(
        **{f"{field}__gte": first, f"{field}__lte": sequence.progression.limit}
    )
    if step == 1:
        return within
    possible: QuerySet[Any] = within.alias(beside_the_step=(F(field) - first) % step)
    return possible.filter(beside_the_step=0)
