"""Coming from a database's own sequence: the same numbers, counted by us."""

from contextlib import AbstractContextManager

from django.db import transaction

from sequences import native
from sequences.allocation.set_counter import SetCounter
from sequences.counters import database_of
from sequences.definitions import Sequence
from sequences.errors import InvalidSequence
from sequences.guarantees import Guarantee
from sequences.native import NativeSequence
from services import Inputs, Internals, Outputs, Service, attribute, make, stage


class AdoptNative(Service):
    """
    Declare a sequence that goes on where a database's own one of that name stands.

    Opens a transaction, or a savepoint in the caller's. The counter moves forward only,
    so it may be run again. Nothing is drawn from the database's sequence; stop drawing
    from it before.

    :raises InvalidSequence: if there is none of that name, or if it counts in a way
        that a sequence cannot: downwards, below 0, or from elsewhere than its start
        when it begins again.
    :raises CounterBehind: if the counter is further than the database's sequence.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        name: str = attribute(doc="The name of the database's sequence.")
        guarantee: Guarantee = attribute(
            default=Guarantee.BLOCKS, doc="What the new sequence promises."
        )
        block_size: int = attribute(default=1_000, doc="Its ``block_size``.")
        column: str | None = attribute(default=None, doc="Its ``column``.")
        using: str | None = attribute(default=None, doc="Where routers write counters.")

    class internals(Internals):
        using: str
        native: NativeSequence

    class outputs(Outputs):
        sequence: Sequence
        last: int | None = attribute(doc="Where it stands; None before its first.")

    steps = (
        make("read"),
        make("declare"),
        stage(
            make("move_counter", only_if="has_begun"),
            within="transaction",
        ),
    )

    def read(self) -> None:
        """Read how the database's sequence counts, and where it stands."""
        self.internals.using = self.inputs.using or database_of(for_write=True)
        self.internals.native = native.read(self.inputs.name, self.internals.using)
        self.outputs.last = self.internals.native.last

    def declare(self) -> None:
        """Say the same in our words."""
        counts = self.internals.native
        if counts.cycles and counts.lowest != counts.start:
            reason = "it begins again at its minimum, not at its start."
            raise InvalidSequence(self.inputs.name, reason)
        self.outputs.sequence = Sequence(
            self.inputs.name,
            initial_value=counts.start,
            reset_value=counts.highest + 1 if counts.cycles else None,
            increment=counts.increment,
            max_value=None if counts.cycles else counts.highest,
            guarantee=self.inputs.guarantee,
            block_size=self.inputs.block_size,
            column=self.inputs.column,
            using=self.inputs.using,
        )

    def move_counter(self) -> None:
        """Go on behind what may have been drawn."""
        if self.outputs.last is not None:
            SetCounter.run(sequence=self.outputs.sequence, last=self.outputs.last)

    def has_begun(self) -> bool:
        """Tell whether the database's sequence has given out a number."""
        return self.outputs.last is not None

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the counter until it has moved."""
        return transaction.atomic(using=self.internals.using)
