"""A block of numbers, set aside for good: whoever has it needs the database no more."""

from contextlib import AbstractContextManager

from django.db import transaction

from sequences.alignment import guarded_counter
from sequences.counters import Counter
from sequences.definitions import Sequence
from sequences.guarantees import Guarantee
from sequences.transactions import refuse_transaction
from services import Inputs, Internals, Outputs, Service, attribute, make, stage


class ReserveBlock(Service):
    """
    Set the next numbers of a sequence aside, for a process to give out from memory.

    Commits by itself: a block reserved in a transaction that rolls back would be given
    out twice. In front of the end of a sequence, or of a loop, the block is as small as
    what is left.

    :raises InvalidSequence: if the sequence is not declared as BLOCKS.
    :raises InsideTransaction: if a transaction is open; nothing was taken.
    :raises DocumentsAhead: if a document has a higher number than the counter, see
        :class:`AllocateNumber`; the counter did not move.
    :raises SequenceExhausted: if there is no number left; likewise.
    :raises Conflict: likewise ``Deadlock``, ``LockTimeout``; nothing was taken.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence = attribute(doc="A sequence declared as BLOCKS.")

    class internals(Internals):
        counter: Counter
        last: int | None = attribute(
            doc="The last number reserved, None before the first."
        )

    class outputs(Outputs):
        block: range

    steps = (
        make("validate"),
        stage(
            make("lock"),
            make("require_aligned"),
            make("increment_or_loop"),
            make("persist"),
            within="transaction",
        ),
    )

    def validate(self) -> None:
        """Find the counter, and refuse inside a transaction."""
        sequence = self.inputs.sequence
        sequence.require(Guarantee.BLOCKS)
        self.internals.counter = guarded_counter(sequence)
        refuse_transaction(sequence.sequence_name, self.internals.counter.using)

    def lock(self) -> None:
        """Hold the counter until the block is reserved."""
        self.internals.last = self.internals.counter.lock()

    def require_aligned(self) -> None:
        """Refuse to count on behind the documents, as after a restore."""
        self.internals.counter.require_aligned(self.internals.last)

    def increment_or_loop(self) -> None:
        """Count on from the last number, as far as a block goes in one direction."""
        self.outputs.block = self.inputs.sequence.block_after(self.internals.last)

    def persist(self) -> None:
        """Move the counter behind the block."""
        self.internals.counter.store(self.outputs.block[-1])

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what is reserved."""
        return transaction.atomic(using=self.internals.counter.using)
