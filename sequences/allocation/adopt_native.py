"""Coming from a database's own sequence: the same numbers, counted by us."""

from contextlib import AbstractContextManager

from django.db import transaction

from sequences import native
from sequences.allocation.set_counter import SetCounter
from sequences.arithmetic import HIGHEST
from sequences.counters import database_of
from sequences.definitions import Sequence
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
        that a sequence cannot: below 0, or at first from so near below its start that
        the counter would have to stand below 0; or if it was set to a value that its
        start and step do not give.
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
        place: int | None

    class outputs(Outputs):
        sequence: Sequence
        last: int | None = attribute(doc="Where it stands; None before its first.")

    steps = (
        make("read"),
        make("declare"),
        make("find_place"),
        stage(
            make("move_counter", only_if="has_place"),
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
        counts, up = self.internals.native, self.internals.native.increment > 0
        lowest, highest = max(counts.lowest, 0), min(counts.highest, HIGHEST)
        # One that begins again does so at its end, wherever it started.
        again, end = (lowest, highest + 1) if up else (highest, lowest - 1)
        self.outputs.sequence = Sequence(
            self.inputs.name,
            initial_value=again if counts.cycles else counts.start,
            reset_value=end if counts.cycles else None,
            increment=counts.increment,
            max_value=highest if up and not counts.cycles else None,
            min_value=None if up or counts.cycles else lowest,
            guarantee=self.inputs.guarantee,
            block_size=self.inputs.block_size,
            column=self.inputs.column,
            using=self.inputs.using,
        )

    def find_place(self) -> None:
        """Tell where the counter is to stand; None where it is not needed yet."""
        counts, sequence = self.internals.native, self.outputs.sequence
        place = counts.last
        if place is None and counts.start != sequence.initial_value:
            place = counts.start - counts.increment
        self.internals.place = place

    def move_counter(self) -> None:
        """Go on behind what may have been drawn."""
        sequence, place = self.outputs.sequence, self.internals.place
        if place is not None:
            SetCounter.run(sequence=sequence, last=place)

    def has_place(self) -> bool:
        """Tell whether there has to be a counter."""
        return self.internals.place is not None

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the counter until it has moved."""
        return transaction.atomic(using=self.internals.using)
