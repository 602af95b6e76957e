"""Giving back what is left of a block, so that a clean shutdown leaves no gap."""

from contextlib import AbstractContextManager

from django.db import transaction

from sequences.counters import Counter, counter_for
from sequences.definitions import Sequence
from sequences.guarantees import Guarantee
from sequences.transactions import refuse_transaction
from services import Done, Inputs, Internals, Outputs, Service, attribute, make, stage


class ReturnBlock(Service):
    """
    Give back the unused end of a block, if nobody has reserved one since.

    Commits by itself. What cannot be given back is a gap. A loop takes nothing back: it
    does not show whether somebody has reserved the same numbers since.

    :raises InvalidSequence: if the sequence is not declared as BLOCKS.
    :raises InsideTransaction: if a transaction is open; nothing was given back.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence = attribute(doc="A sequence declared as BLOCKS.")
        unused: range = attribute(
            doc="The numbers that were not given out, up to the end of their block.",
            must={"must not be empty": bool},
        )

    class internals(Internals):
        counter: Counter

    class outputs(Outputs):
        returned: int = attribute(default=0, doc="How many numbers went back.")

    steps = (
        make("validate"),
        stage(
            make("stop_if_others_went_on"),
            make("move_back"),
            within="transaction",
        ),
    )

    def validate(self) -> None:
        """Find the counter, and refuse inside a transaction."""
        sequence = self.inputs.sequence
        sequence.require(Guarantee.BLOCKS)
        self.internals.counter = counter_for(sequence)
        refuse_transaction(sequence.sequence_name, self.internals.counter.using)

    def stop_if_others_went_on(self) -> Done | None:
        """Hold the counter; leave it alone unless it surely stands at our own end."""
        stands = self.internals.counter.lock()
        # A loop may have come to the same place again with the block of another.
        loops = self.inputs.sequence.reset_value is not None
        if loops or stands != self.inputs.unused[-1]:
            return self.done()
        return None

    def move_back(self) -> None:
        """Let the first unused number be the next one, or the counter be new again."""
        first = self.inputs.unused[0]
        if first == self.inputs.sequence.initial_value:
            self.internals.counter.delete()
        else:
            self.internals.counter.store(first - self.inputs.sequence.increment)
        self.outputs.returned = len(self.inputs.unused)

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what went back."""
        return transaction.atomic(using=self.internals.counter.using)
