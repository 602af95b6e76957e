"""The ledger is told of a document as soon as that has a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sequences.counters import counter_for
from sequences.ledger.assign_number import AssignNumber
from sequences.ledger.entries import Ledger
from sequences.ledger.facts import checked

if TYPE_CHECKING:
    from django.db.models import Model

    from sequences.definitions import Sequence
    from sequences.drawn import Drawn


def tell(
    sequence: Sequence, drawn: Drawn, value: int, document: Model, *, was_written: bool
) -> None:
    """
    Write that a number is on the document that it was drawn for, unless it is written.

    :param sequence: the sequence with the ledger, or the part of it.
    :param was_written: whether the document had the number before this save.
    :raises InvalidSequence: if the document's key cannot be kept.
    :raises NumberVoid: if the number was committed without the document, and is void.
    :raises NumberOnDocument: likewise, and is assigned to another document.
    """
    told = checked(sequence, "document", document)
    # What was told before the document bore the number, others may have undone since.
    if drawn.is_told(told) and (was_written or not drawn.memory.is_kept):
        return
    if drawn.memory.is_kept:
        AssignNumber.run(sequence=sequence, value=value, document=told)
    else:  # The transaction of the draw is open: nobody else was at the number.
        Ledger(counter_for(sequence)).assign(value, document=told, user="")
    drawn.tell(told)
