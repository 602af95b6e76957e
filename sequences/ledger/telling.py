"""The ledger is told of a document as soon as that has a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from sequences.counters import counter_for
from sequences.errors import BE_ASSIGNED
from sequences.ledger.assign_number import AssignNumber
from sequences.ledger.by_hand import is_said
from sequences.ledger.entries import Ledger
from sequences.ledger.facts import checked
from sequences.ledger.given_out import hold_given_out
from sequences.ledger.last_words import LastWords

if TYPE_CHECKING:
    from django.db.models import Model

    from sequences.definitions import Sequence
    from sequences.drawn import Drawn


def refuse_lost(sequence: Sequence, drawn: Drawn, value: int, document: Model) -> None:
    """
    Refuse a number that its document lost, before that is written with it.

    Looks only where somebody can have been at the number. Then it holds the counter to
    the end of the transaction. In autocommit that is now, and what becomes of the
    number until the document is written is not seen.

    :param sequence: the sequence with the ledger, or the part of it.
    :raises InvalidSequence: if the document's key is known, and cannot be kept.
    :raises NumberNotGivenOut: if the counter was set back below the number.
    :raises NumberVoid: if it is void.
    :raises NumberOnDocument: if it is assigned to another document.
    """
    # Of a document that has no key yet, the ledger can name none but others.
    told = "" if document.pk is None else checked(sequence, "document", document)
    if _is_untouched(sequence, drawn, told):
        return
    counter = counter_for(sequence)
    words = LastWords(counter)
    with transaction.atomic(using=counter.using):
        hold_given_out(counter, value, deed=BE_ASSIGNED)
        words.refuse_void(value, value)
        words.names(value, told)


def tell(
    sequence: Sequence, drawn: Drawn, value: int, document: Model, *, was_written: bool
) -> None:
    """
    Write that a number is on the document that it was drawn for, unless it is written.

    :param sequence: the sequence with the ledger, or the part of it.
    :param was_written: whether the document had the number before this save.
    :raises InvalidSequence: if the document's key cannot be kept.
    :raises NumberNotGivenOut: if the counter was set back below the number.
    :raises NumberVoid: if it is void.
    :raises NumberOnDocument: if it is assigned to another document.
    """
    told = checked(sequence, "document", document)
    is_untouched = _is_untouched(sequence, drawn, told)
    # What was told before the document bore the number, others may have undone since.
    if drawn.named == told and (was_written or is_untouched):
        return
    if is_untouched:
        Ledger(counter_for(sequence)).assign(value, document=told, user="")
    else:
        AssignNumber.run(sequence=sequence, value=value, document=told)
    drawn.tell(told)


def _is_untouched(sequence: Sequence, drawn: Drawn, told: str) -> bool:
    """
    Tell, without a query, that nobody has voided a number, or assigned it to another.

    Others cannot, as long as the draw holds the counter; and what its own transaction
    said is remembered.
    """
    memory = drawn.memory
    if memory.is_kept or drawn.named not in ("", told):
        return False
    return not is_said(sequence.sequence_name, memory.using)
