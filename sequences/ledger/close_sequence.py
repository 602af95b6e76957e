"""The end of a series, or of a period of it: no more numbers."""

from contextlib import AbstractContextManager

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from sequences.arithmetic import CLOSED
from sequences.counters import Counter, counter_for
from sequences.counters.base import stored
from sequences.definitions import Sequence
from sequences.errors import SequenceClosed
from sequences.ledger.audit_numbers import AuditNumbers
from sequences.ledger.facts import checked, checked_or_empty
from sequences.ledger.findings import Gap
from sequences.ledger.on_documents import sees_documents
from sequences.ledger.void_number import VoidNumber
from services import Inputs, Internals, Outputs, Service, attribute, make, stage


class CloseSequence(Service):
    """
    Close a sequence, or one part of it: it gives out no more numbers.

    Opens a transaction, or a savepoint in the caller's. It waits for those who are
    being given a number. Numbers that were given out, are on no document and not void
    become void with the reason. Of a part these are known where a NumberField stores
    period and scope; where nothing tells, and without a column, they are left.

    The counter is put behind all numbers, so that each statement that takes one, of
    whatever program, finds none left. ``SetCounter`` with ``force`` opens it again.

    :raises InvalidSequence: if the sequence has no ledger, has parts and is not one of
        them, or the reason is empty; nothing was written.
    :raises SequenceClosed: if it is closed already.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence = attribute(
            doc="A sequence with a ledger; or a part of it, see Sequence.of."
        )
        reason: str = attribute(doc="Why; at most 1,000 characters, on one line.")
        user: Model | str | None = attribute(
            default=None, doc="Who says so: a stored object, or a text."
        )

    class internals(Internals):
        counter: Counter

    class outputs(Outputs):
        last: int | None = attribute(doc="The last number it gave out, if any.")
        voided: int = attribute(default=0, doc="How many numbers became void.")

    steps = (
        make("validate"),
        stage(
            make("drain"),
            make("void_what_is_left", only_if="sees_documents"),
            make("freeze"),
            within="holding_the_counter",
        ),
    )

    def validate(self) -> None:
        """Find the counter; refuse a sequence without a ledger, or no reason."""
        sequence = self.inputs.sequence
        sequence.require_ledger()
        checked(sequence, "reason", self.inputs.reason)
        self.internals.counter = counter_for(sequence)

    def drain(self) -> None:
        """Wait for those who are given a number; refuse what is closed."""
        last = self.internals.counter.lock()
        if last == CLOSED:
            raise SequenceClosed(self.inputs.sequence.sequence_name)
        self.outputs.last = last

    def void_what_is_left(self) -> None:
        """Void the numbers that are on no document, range by range."""
        while gaps := self._missing():
            for gap in gaps:
                VoidNumber.run(
                    sequence=self.inputs.sequence,
                    value=gap.first,
                    last=gap.last,
                    reason=self.inputs.reason,
                    user=self.inputs.user,
                )
                self.outputs.voided += gap.count

    def freeze(self) -> None:
        """Put the counter behind all numbers, and keep where it stood."""
        sequence, user = self.inputs.sequence, self.inputs.user
        self.internals.counter.store(CLOSED)
        stored("ClosedSequence")._base_manager.using(
            self.internals.counter.using
        ).create(
            name=sequence.sequence_name,
            last=self.outputs.last,
            user=checked_or_empty(sequence, "user", user),
            reason=self.inputs.reason,
            at=timezone.now(),
        )

    def sees_documents(self) -> bool:
        """Tell whether the column tells which numbers are on no document."""
        return sees_documents(self.inputs.sequence)

    def holding_the_counter(self) -> AbstractContextManager[None]:
        """Let nobody be given a number until it is closed."""
        return transaction.atomic(using=self.internals.counter.using)

    def _missing(self) -> tuple[Gap, ...]:
        """Give the first of the ranges that nothing explains."""
        return AuditNumbers.run(
            sequence=self.inputs.sequence,
            using=self.internals.counter.using,
            is_held=True,
        ).audit.gaps.listed
