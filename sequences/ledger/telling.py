"""The ledger is told of a document as soon as that has a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from sequences.counters import counter_for
from sequences.errors import BE_ASSIGNED
from sequences.ledger.assign_number import AssignNumber
from sequences.ledger.entries import Ledger
from sequences.ledger.facts import checked
from sequences.ledger.given_out import hold_given_out

if TYPE_CHECKING:
    from django.db.models import Model

    from sequences.definitions import Sequence
    from sequences.drawn import Drawn


def refuse_lost(sequence: Sequence, drawn: Drawn, value: int, document: Model) -> None:
    """
    Refuse a number that its document lost, before that is written with it.

    Only where the number was committed without the document: before that, nobody else
    was at it. Holds the counter to the end of the transaction. In autocommit that is
    now, and what becomes of the number until the document is written is not seen.

    :param sequence: the sequence with the ledger, or the part of it.
    :raises InvalidSequence: if the document's key is known, and cannot be kept.
    :raises NumberNotGivenOut: if the counter was set back below the number.
    :raises NumberVoid: if it is void.
    :raises NumberOnDocument: if it is assigned to another document.
    """
    if not drawn.memory.is_kept:
        return
    # Of a document that has no key yet, the ledger can name none but others.
    told = "" if document.pk is None else checked(sequence, "document", document)
    counter = counter_for(sequence)
    ledger = Ledger(counter)
    with transaction.atomic(using=counter.using):
        hold_given_out(counter, value, deed=BE_ASSIGNED)
        ledger.refuse_void(value, value)
        ledger.names(value, told)


def tell(
    sequence: Sequence, drawn: Drawn, value: int, document: Model, *, was_written: bool
) -> None:
    """
    Write that a number is on the document that it was drawn for, unless it is written.

    :param sequence: the sequence with the ledger, or the part of it.
    :param was_written: whether the document had the number before this save.
    :raises InvalidSequence: if the document's key cannot be kept.
    :raises NumberNotGivenOut: if the number was committed without the document, and the
        counter was set back below it.
    :raises NumberVoid: likewise, and it is void.
    :raises NumberOnDocument: likewise, and it is assigned to another document.
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
