"""Which documents wait for a number, and which parts of a series they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connections

from sequences.counters import home_of
from sequences.errors import InvalidSequence
from sequences.membership import belonging, telling_field
from services.wording import short

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
    Give each part of which documents wait, by name.

    :raises InvalidSequence: if nothing tells the part of a document; or at the end, if
        there are documents whose date or scope does not tell.
    """
    field = telling_field(sequence)
    told = waiting(sequence, pending).order_by().values(*field.read)
    if connections[told.db].vendor != "mysql":  # to it capitals are small letters
        told = told.distinct()
    parts, refused = {}, []
    for values in told:
        try:
            part = field.part_by(sequence, values)
        except InvalidSequence as error:
            refused.append((values, error.reason))
        else:
            parts[part.sequence_name] = part
    for name in sorted(parts):
        yield parts[name]
    for values, reason in refused:
        shown = ", ".join(f"{name}={short(value)}" for name, value in values.items())
        raise InvalidSequence(
            sequence.sequence_name, f"documents with {shown} wait: {reason}"
        )
