"""Which documents bear the numbers of a sequence, or of a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import CharField, F, Model, TextField

from sequences.fields import NumberField

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sequences.definitions import Sequence
    from sequences.documents import Documents
    from sequences.printing import Printing

_ASKED_AT_ONCE: Final = 500
"""Of so many texts a statement asks: SQLite takes 999 parameters."""


def sees_documents(sequence: Sequence) -> bool:
    """Tell whether its column tells which of its numbers are on documents."""
    return sequence.column is not None and _part_of(sequence) is not None


def sees_part(sequence: Sequence) -> bool:
    """Tell whether it is a part of a sequence whose documents tell their part."""
    return sequence.column is not None and bool(_part_of(sequence))


def documents_of(sequence: Sequence, using: str) -> QuerySet[Model]:
    """
    Give the documents of a sequence whose column tells them.

    :raises InvalidSequence: if the column does not exist.
    """
    documents = sequence.documents().model._base_manager.using(using)
    return documents.filter(**(_part_of(sequence) or {}))


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
    if not _is_text(documents):
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
    above = documents.filter(**{f"{field}__gte": first})
    if step == 1:
        return above
    possible: QuerySet[Any] = above.alias(beside_the_step=(F(field) - first) % step)
    return possible.filter(beside_the_step=0)


def _shows_part(printing: Printing) -> bool:
    """Tell whether the text of a number tells its part, which shows its period."""
    return printing.format is not None and not printing.format.hidden


def _is_text(documents: Documents) -> bool:
    field: Any = documents.model._meta.get_field(documents.field)
    return isinstance(field, CharField | TextField)


def _part_of(sequence: Sequence) -> dict[str, str] | None:
    """Give what is stored of a part beside its numbers; None if that does not tell."""
    printing, place = sequence.printing, sequence.place
    if printing is None or printing.only_place is not None:
        return {}
    documents = sequence.documents()
    if place is not None and _is_text(documents) and _shows_part(printing):
        return {}
    field: Any = documents.model._meta.get_field(documents.field)
    if place is None or not isinstance(field, NumberField) or field.part is None:
        return None
    counted = field.sequence.printing  # perhaps of another sequence
    if counted is None or (counted.calendar, counted.scope) != (
        printing.calendar,
        printing.scope,
    ):
        return None
    return dict(zip(field.part, place.keys, strict=True))
