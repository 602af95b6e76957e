"""
Every exception of this package.

Where users of django-sequences catch Django's DatabaseError, these are subclasses of
it. What a caller may expect (no number left, a busy counter) derives from
``ServiceFailed`` as well, and so becomes a ``Failure`` in ``attempt``.
"""

from __future__ import annotations

from typing import Final

from django.db import DataError, IntegrityError, OperationalError
from django.db.transaction import TransactionManagementError

from services.errors import ServiceError, ServiceFailed


class SequenceError(Exception):
    """
    The root of all errors raised by this package.

    :ivar sequence: the name of the sequence.

    .. versionadded:: 0.1
    """

    sequence: str

    # Pickled and copied with its facts, as the errors of services are.
    __reduce__ = ServiceError.__reduce__


class InvalidSequence(SequenceError, ValueError):
    """
    A sequence, or what was asked of it, makes no sense. Nothing has been taken.

    :ivar sequence: the name of the sequence, as it was given.
    :ivar reason: what is wrong and how to put it right.

    .. versionadded:: 0.1
    """

    def __init__(self, sequence: object, reason: str) -> None:
        self.sequence = str(sequence)[:100]
        self.reason = reason
        super().__init__(f"Sequence {self.sequence!r}: {reason}")


class InvalidColumn(SequenceError, ValueError):
    """
    Numbers were looked for where there are none. Nothing has been written.

    :ivar sequence: where, in short: ``"table.column"``.
    :ivar table: the table, as it was given; empty if it was not.
    :ivar column: the column, likewise.
    :ivar reason: what is wrong and how to put it right.

    .. versionadded:: 0.1
    """

    def __init__(self, table: str, column: str, reason: str) -> None:
        self.table = table[:100]
        self.column = column[:100]
        self.sequence = ".".join(filter(None, (self.table, self.column)))
        self.reason = reason
        where = f"Column {self.sequence!r}" if column else f"Table {self.table!r}"
        super().__init__(f"{where if self.sequence else 'No column'}: {reason}")


class InvalidDatabase(ValueError):
    """
    A database cannot be used as it was asked for. Nothing has been written.

    No password stands in it.

    :ivar reason: what is wrong and how to put it right.

    .. versionadded:: 0.1
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The database cannot be used: {reason}")


TAKE: Final = "take a number from"
"""What a transaction is mostly needed for."""


class NoTransaction(SequenceError, TransactionManagementError):
    """
    A number without gaps was asked for outside of a transaction. None was taken.

    Nor is a counter set outside of one.

    :ivar sequence: the name of the sequence.
    :ivar using: the alias of the database that holds it.

    .. versionadded:: 0.1
    """

    def __init__(self, sequence: str, using: str, *, deed: str = TAKE) -> None:
        self.sequence = sequence
        self.using = using
        saves = ", and the save that uses the number," if deed == TAKE else ""
        super().__init__(
            f"Cannot {deed} sequence {sequence!r}: no transaction is open on database "
            f"{using!r}. Wrap the call{saves} in one transaction.atomic() block."
        )


class InsideTransaction(SequenceError, TransactionManagementError):
    """
    Numbers were to be set aside for good inside a transaction. None were.

    If it rolled back they would be given out twice.

    :ivar sequence: the name of the sequence.
    :ivar using: the alias of the database that holds it.

    .. versionadded:: 0.1
    """

    def __init__(self, sequence: str, using: str) -> None:
        self.sequence = sequence
        self.using = using
        super().__init__(
            f"Cannot set numbers of sequence {sequence!r} aside: a transaction is open "
            f"on database {using!r}, and if it rolled back they would be given out "
            f"twice. Call outside of transaction.atomic()."
        )


class StaleNumber(SequenceError, RuntimeError):
    """
    A document was to be saved with a number that a rollback gave back. It was not.

    Somebody else may have the number by now.

    :ivar sequence: the name of the sequence.
    :ivar document: the document, as its kind and key.
    :ivar field: the field of the number.
    :ivar number: the number.

    .. versionadded:: 0.1
    """

    def __init__(
        self, sequence: str, *, document: str, field: str, number: int
    ) -> None:
        self.sequence = sequence
        self.document = document
        self.field = field
        self.number = number
        super().__init__(
            f"Cannot save {document} with {field} {number} of sequence {sequence!r}: "
            f"the transaction or savepoint that drew it was rolled back, and the "
            f"number given back. Set {field} to None and number it again, or read it "
            f"again from the database."
        )


class InvalidNumber(SequenceError, ValueError):
    """
    A document cannot have a number. Nothing has been drawn or saved.

    :ivar sequence: the name of the sequence.
    :ivar document: the document, as its kind and key.
    :ivar field: the field of the number.
    :ivar number: the number.
    :ivar reason: what is wrong and how to put it right.

    .. versionadded:: 0.1
    """

    def __init__(
        self, sequence: str, *, document: str, field: str, number: object, reason: str
    ) -> None:
        self.sequence = sequence
        self.document = document
        self.field = field
        self.number = number
        self.reason = reason
        super().__init__(
            f"{document} cannot have {field} {number} of sequence {sequence!r}: "
            f"{reason}"
        )


class SequenceExhausted(SequenceError, ServiceFailed, DataError, ValueError):
    """
    A sequence has fewer numbers left than were asked for. The counter did not move.

    :ivar sequence: the name of the sequence.
    :ivar asked: how many numbers were asked for.
    :ivar left: how many it has.
    :ivar last: the last number given out, None before the first.
    :ivar limit: the highest number that it may give out.

    .. versionadded:: 0.1
    """

    def __init__(
        self, sequence: str, *, asked: int, left: int, last: int | None, limit: int
    ) -> None:
        stands = "has given out none" if last is None else f"stands at {last}"
        has = (
            "no number left"
            if asked == 1
            else f"{left} of the {asked} numbers asked for"
        )
        super().__init__(
            f"Sequence {sequence!r} has {has}: it {stands} and ends at {limit}. "
            f"Raise its limit, or start a new sequence.",
            code="exhausted",
            sequence=sequence,
            asked=asked,
            left=left,
            last=last,
            limit=limit,
        )
        self.sequence = sequence
        self.asked = asked
        self.left = left
        self.last = last
        self.limit = limit


class SequenceClosed(SequenceError, ServiceFailed, DataError):
    """
    A closed sequence was asked for a number. It gave none.

    :ivar sequence: the name of the sequence, or of its part.

    .. versionadded:: 0.1
    """

    def __init__(self, sequence: str) -> None:
        super().__init__(
            f"Sequence {sequence!r} is closed and gives out no more numbers. Use an "
            f"open one, such as that of the next period, or open it again on purpose "
            f"with SetCounter and force.",
            code="closed",
            sequence=sequence,
        )
        self.sequence = sequence


class SequenceInUse(SequenceError, IntegrityError):
    """
    A closed sequence, or one with numbers in the ledger, was to be deleted. It was not.

    :ivar sequence: the name of the sequence.
    :ivar entries: how many entries it has there.
    :ivar is_closed: whether it is closed.

    .. versionadded:: 0.1
    """

    def __init__(self, sequence: str, entries: int, *, is_closed: bool = False) -> None:
        self.sequence = sequence
        self.entries = entries
        self.is_closed = is_closed
        has = "1 entry" if entries == 1 else f"{entries} entries"
        why = (
            "it is closed, and would give out its first number again. Leave it closed."
            if is_closed
            else f"it would start again with numbers of which its ledger holds {has}. "
            f"Close it with CloseSequence."
        )
        super().__init__(f"Sequence {sequence!r} cannot be deleted: {why}")


BE_VOID: Final = "be void"
BE_ASSIGNED: Final = "be assigned"
"""What the ledger is mostly told of a number, and what else."""


class NumberNotGivenOut(SequenceError, ServiceFailed):
    """
    A number was to be void, or assigned, that nobody has yet. Nothing was written.

    :ivar sequence: the name of the sequence.
    :ivar value: the number.
    :ivar last: the number given out last; None before the first.

    .. versionadded:: 0.1
    """

    def __init__(
        self, sequence: str, *, value: int, last: int | None, deed: str = BE_VOID
    ) -> None:
        stands = "has given out none" if last is None else f"stands at {last}"
        super().__init__(
            f"Number {value} of sequence {sequence!r} cannot {deed}: the sequence "
            f"{stands}. Only a number that was given out can {deed}.",
            code="not_given_out",
            sequence=sequence,
            value=value,
            last=last,
        )
        self.sequence = sequence
        self.value = value
        self.last = last


class NumberOnDocument(SequenceError, ServiceFailed):
    """
    A number was to be void, or another's, that a document bears. Nothing was written.

    :ivar sequence: the name of the sequence.
    :ivar value: the number; of a range, the first that is on a document.
    :ivar document: the document, as ``"app.Model:key"``.

    .. versionadded:: 0.1
    """

    def __init__(
        self, sequence: str, *, value: int, document: str, deed: str = BE_VOID
    ) -> None:
        remedy = (
            "Leave the document as it is, and cancel it by another one, such as a "
            "credit note."
            if deed == BE_VOID
            else "Leave it there, and take another number for the other document."
        )
        super().__init__(
            f"Number {value} of sequence {sequence!r} cannot {deed}: it is on "
            f"{document}. {remedy}",
            code="on_document",
            sequence=sequence,
            value=value,
            document=document,
        )
        self.sequence = sequence
        self.value = value
        self.document = document


class NumberVoid(SequenceError, ServiceFailed):
    """
    A number was asked for, or was to be assigned or void, that is void.

    Nothing was written.

    :ivar sequence: the name of the sequence.
    :ivar value: the number; of a range, the first that is void.
    :ivar reason: why it is void.
    :ivar at: since when, in ISO 8601.

    .. versionadded:: 0.1
    """

    def __init__(self, sequence: str, *, value: int, reason: str, at: str) -> None:
        super().__init__(
            f"Number {value} of sequence {sequence!r} is void since {at}: {reason!r}. "
            f"It stays void. For a document, take another number, with another key; to "
            f"void others, leave it out.",
            code="void",
            sequence=sequence,
            value=value,
            reason=reason,
            at=at,
        )
        self.sequence = sequence
        self.value = value
        self.reason = reason
        self.at = at


class BlocksUsedUp(SequenceError, OperationalError):
    """
    The numbers in memory are used up, and the database gave no new block.

    The error of the last attempt, if there was one, is its ``__cause__``. Attempts go
    on in the background; the next call succeeds when one of them does.

    :ivar sequence: the name of the sequence.

    .. versionadded:: 0.1
    """

    def __init__(self, sequence: str) -> None:
        self.sequence = sequence
        super().__init__(
            f"The numbers of sequence {sequence!r} in memory are used up, and no block "
            f"could be reserved. See whether its database can be reached; a larger "
            f"block_size bridges a longer outage."
        )


class AllocatorClosed(SequenceError, RuntimeError):
    """
    A number was asked of a BlockAllocator after its ``close``.

    :ivar sequence: the name of the sequence.

    .. versionadded:: 0.1
    """

    def __init__(self, sequence: str) -> None:
        self.sequence = sequence
        super().__init__(
            f"The allocator of sequence {sequence!r} is closed. Make a new one."
        )


class CounterBehind(SequenceError, ServiceFailed):
    """
    A counter was to be moved backward, over numbers it gave out. It did not move.

    :ivar sequence: the name of the sequence.
    :ivar before: where the counter stands.
    :ivar after: where it was to be moved.

    .. versionadded:: 0.1
    """

    def __init__(self, sequence: str, *, before: int, after: int) -> None:
        super().__init__(
            f"Sequence {sequence!r} stands at {before} and cannot be set back to "
            f"{after}: it would give out numbers again. If none of the numbers "
            f"after {after} exists, use SetCounter with force, or 'set_sequence "
            f"--force'.",
            code="counter_behind",
            sequence=sequence,
            before=before,
            after=after,
        )
        self.sequence = sequence
        self.before = before
        self.after = after


ITS_COUNTER: Final = "its counter"
"""From where a sequence goes on, mostly."""


class DocumentsAhead(SequenceError, ServiceFailed):
    """
    A counter was to go on from a place that documents have passed. It did not move.

    :ivar sequence: the name of the sequence.
    :ivar source: where it was to go on from.
    :ivar stands: the last number given out there; None before the first.
    :ivar documents: the highest number on a document.
    :ivar by: how many numbers lie between the two.

    .. versionadded:: 0.1
    """

    def __init__(
        self, sequence: str, *, source: str, stands: int | None, documents: int, by: int
    ) -> None:
        where = "has given out none" if stands is None else f"stands at {stands}"
        super().__init__(
            f"Sequence {sequence!r} cannot go on from {source}: it {where}, and the "
            f"documents are ahead of it by {by}, at {documents}. Adopt the numbers of "
            f"the documents instead.",
            code="documents_ahead",
            sequence=sequence,
            source=source,
            stands=stands,
            documents=documents,
            by=by,
        )
        self.sequence = sequence
        self.source = source
        self.stands = stands
        self.documents = documents
        self.by = by


class _Contended(SequenceError, OperationalError):
    """Another transaction stood in the way. The counter did not move."""

    happened: str
    remedy: str

    def __init__(self, sequence: str, using: str) -> None:
        self.sequence = sequence
        self.using = using
        super().__init__(
            f"Sequence {sequence!r} {self.happened} on database {using!r}. "
            f"{self.remedy}"
        )


class LockBusy(_Contended, ServiceFailed):
    """
    ``nowait`` was asked for and another transaction holds the counter.

    The counter did not move, and the caller's transaction can go on.

    :ivar sequence: the name of the sequence.
    :ivar using: the alias of the database that holds it.

    .. versionadded:: 0.1
    """

    happened = "is locked by another transaction"
    remedy = "Call without nowait to wait for it, or try again."

    def __init__(self, sequence: str, using: str) -> None:
        super().__init__(sequence, using)
        ServiceFailed.__init__(
            self, str(self), code="busy", sequence=sequence, using=using
        )


class LockTimeout(_Contended):
    """
    The database gave up waiting for the counter. The counter did not move.

    The transaction has to be rolled back; ``retry_on_conflict`` repeats it.

    :ivar sequence: the name of the sequence.
    :ivar using: the alias of the database that holds it.

    .. versionadded:: 0.1
    """

    happened = "was not free within the database's lock timeout"
    remedy = (
        "Find the transaction that holds it, keep such transactions short, and wrap "
        "the outermost one in retry_on_conflict."
    )


class Deadlock(_Contended):
    """
    Two transactions waited for each other, and the database ended this one.

    :ivar sequence: the name of the sequence.
    :ivar using: the alias of the database that holds it.

    .. versionadded:: 0.1
    """

    happened = "was part of a deadlock"
    remedy = (
        "Take numbers of several sequences in the same order everywhere, and wrap the "
        "outermost transaction in retry_on_conflict."
    )


class Conflict(_Contended):
    """
    The counter moved after this transaction's snapshot, and the database ended it.

    :ivar sequence: the name of the sequence.
    :ivar using: the alias of the database that holds it.

    .. versionadded:: 0.1
    """

    happened = "was moved by another transaction in the meantime"
    remedy = "Wrap the outermost transaction in retry_on_conflict."
