"""Which documents bear the numbers of a sequence, or of a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sequences.fields import NumberField

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from sequences.definitions import Sequence


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


def _part_of(sequence: Sequence) -> dict[str, str] | None:
    """Give what is stored of a part beside its numbers; None if that does not tell."""
    printing, place = sequence.printing, sequence.place
    if printing is None or printing.only_place is not None:
        return {}
    documents = sequence.documents()
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
