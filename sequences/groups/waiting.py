"""Which documents wait for a number, and which parts of a series they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sequences.counters import home_of
from sequences.membership import belonging, telling_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from sequences.definitions import Sequence


def waiting(sequence: Sequence, pending: QuerySet[Any]) -> QuerySet[Any]:
    """
    Give those documents of a series, or of a part, that have no number.

    :raises InvalidSequence: if it is a part, and nothing tells that of a document.
    """
    missing = {f"{sequence.documents().field}__isnull": True}
    found = pending.using(home_of(sequence))
    return found.filter(**missing, **belonging(sequence))


def part_of(sequence: Sequence, key: object) -> Sequence | None:
    """
    Give the part of the document of a key; None if there is no such document.

    :raises InvalidSequence: if nothing tells the part of a document.
    """
    field, model = telling_field(sequence), sequence.documents().model
    documents = model._base_manager.using(home_of(sequence))
    document = documents.filter(pk=key).first()
    return None if document is None else field.part_of_other(sequence, document)


def parts_of(sequence: Sequence, pending: QuerySet[Any]) -> Iterator[Sequence]:
    """
    Give each part once; the next one when the documents of the last are numbered.

    :raises InvalidSequence: if nothing tells the part of a document.
    """
    met = set()
    keys = waiting(sequence, pending).values_list("pk", flat=True)
    while (key := keys.first()) is not None:
        part = part_of(sequence, key)
        if part is None:
            continue  # deleted in the meantime
        if part.sequence_name in met:
            return  # it came too late, and is numbered by the next run
        met.add(part.sequence_name)
        yield part
