"""Which parts of a series have documents that wait for a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connections

from sequences.counters import home_of
from sequences.errors import InvalidSequence
from sequences.membership import telling_field, waiting
from services.wording import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from sequences.definitions import Sequence


def part_of(sequence: Sequence, key: object) -> Sequence | None:
    """
    Give the part of the document of a key; None if there is no such document.

    :raises InvalidSequence: if nothing tells the part of a document.
    """
    field = telling_field(sequence)
    every = sequence.documents().every(home_of(sequence))
    document = every.filter(pk=key).first()
    return None if document is None else field.part_of_other(sequence, document)


def parts_met_by(sequence: Sequence, key: object) -> Iterator[Sequence]:
    """
    Give the part of a document; and the next one, as long as it moves to another.

    :raises InvalidSequence: as :func:`part_of`.
    """
    name = None
    while True:
        part = part_of(sequence, key)
        if part is None or part.sequence_name == name:
            return
        name = part.sequence_name
        yield part


def parts_of(
    sequence: Sequence, pending: QuerySet[Any]
) -> tuple[list[Sequence], list[InvalidSequence]]:
    """
    Give the parts of which documents wait, by name, and what is wrong with the others.

    :raises InvalidSequence: if nothing tells the part of a document.
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
            shown = ", ".join(f"{name}={short(it)}" for name, it in values.items())
            why, *_ = error.reason.split(" Pass ")  # which is for who draws one
            reason = f"documents with {shown} wait: {why} Set it right in them."
            refused.append(InvalidSequence(sequence.sequence_name, reason))
        else:
            parts[part.sequence_name] = part
    return [parts[name] for name in sorted(parts)], refused
