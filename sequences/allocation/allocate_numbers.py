"""The next numbers of a sequence, without a gap, all or none."""

from sequences.arithmetic import HIGHEST, Values
from sequences.counters import Counter, counter_for
from sequences.definitions import Sequence, declared
from sequences.errors import InvalidSequence
from services import Done, Inputs, Internals, Outputs, Service, attribute, make
from services.wording import short


class AllocateNumbers(Service):
    """
    Take the next numbers of a sequence, without a gap, all or none.

    Transactions and errors are those of :class:`AllocateNumber`.

    :raises InvalidSequence: for a negative ``count``; nothing was taken.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence | str = attribute(
            doc="A declared sequence, or the name of a plain one."
        )
        count: int = attribute(doc="How many. 0 takes none and leaves no trace.")
        nowait: bool = attribute(
            default=False, doc="Refuse with LockBusy instead of waiting."
        )

    class internals(Internals):
        counter: Counter
        last: int | None = attribute(
            doc="The last number given out, None before the first."
        )
        next: Values

    class outputs(Outputs):
        values: Values = attribute(
            doc="A range; a tuple if it passes the end of a loop."
        )

    steps = (
        make("validate"),
        make("advance", only_if="in_one_statement"),
        make("lock", only_unless="in_one_statement"),
        make("increment_or_loop", only_unless="in_one_statement"),
        make("assign"),
        make("persist", only_unless="in_one_statement"),
    )

    def validate(self) -> Done | None:
        """Find the counter; refuse without a transaction; take nothing for nothing."""
        sequence = declared(self.inputs.sequence)
        if not 0 <= self.inputs.count <= HIGHEST:
            reason = "a batch has between 0 and 2**63 - 1 numbers, not {}."
            raise InvalidSequence(
                sequence.sequence_name, reason.format(short(self.inputs.count))
            )
        self.internals.counter = counter_for(sequence)
        self.internals.counter.require_transaction()
        if self.inputs.count == 0:
            self.outputs.values = range(0)
            return self.done()
        return None

    def advance(self) -> None:
        """Lock, increment, and persist: one statement where it can be."""
        last = self.internals.counter.advance(self.inputs.count)
        progression = self.internals.counter.sequence.progression
        self.internals.next = progression.values_up_to(last, self.inputs.count)

    def lock(self) -> None:
        """Hold the counter until the transaction ends."""
        self.internals.last = self.internals.counter.lock(nowait=self.inputs.nowait)

    def increment_or_loop(self) -> None:
        """Count on from the last number."""
        sequence = declared(self.inputs.sequence)
        self.internals.next = sequence.values_after(
            self.internals.last, self.inputs.count
        )

    def assign(self) -> None:
        """Give the numbers."""
        self.outputs.values = self.internals.next

    def persist(self) -> None:
        """Move the counter."""
        self.internals.counter.store(self.internals.next[-1])

    def in_one_statement(self) -> bool:
        """Tell whether the database can do it all at once."""
        counter = self.internals.counter
        return (
            counter.advances_in_one_statement(self.inputs.count)
            and not self.inputs.nowait
        )
