"""Moving a counter by hand: forward, under its lock."""

from sequences.arithmetic import CLOSED, HIGHEST
from sequences.counters import Counter, counter_for
from sequences.counters.base import stored
from sequences.definitions import Sequence, declared
from sequences.errors import CounterBehind, InvalidSequence, SequenceClosed
from sequences.ledger.kept import stood_at
from sequences.ledger.states import require_own_counter
from services import Inputs, Internals, Outputs, Service, attribute, make


class SetCounter(Service):
    """
    Set the number that counts as given out last.

    The counter is held until the caller's transaction ends, so nobody takes a number
    in between. It moves forward only: backward it would give out numbers again. A
    closed sequence is opened again by ``force``, and only so.

    :raises NoTransaction: if no transaction is open; nothing was set.
    :raises InvalidSequence: if ``last`` is no number of the sequence, nor the one in
        front of the first; or if it is NATIVE, or POOLED with a pool that has begun:
        no counter tells its next number. Nothing was set.
    :raises SequenceClosed: if it is closed, without ``force``; nothing was set.
    :raises CounterBehind: if it would move backward without ``force``; nothing was set.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence | str = attribute(
            doc="A declared sequence, or the name of a plain one."
        )
        last: int = attribute(doc="The number that counts as given out last.")
        force: bool = attribute(default=False, doc="Move backward as well.")

    class internals(Internals):
        counter: Counter
        is_closed: bool = False

    class outputs(Outputs):
        before: int | None = attribute(doc="Where it stood; None if it did not exist.")
        after: int

    steps = (
        make("validate"),
        make("lock"),
        make("check_direction", only_unless="is_forced"),
        make("open_again", only_if="is_closed"),
        make("persist"),
    )

    def validate(self) -> None:
        """Find the counter; refuse without a transaction, or an impossible number."""
        sequence = declared(self.inputs.sequence)
        if not 0 <= self.inputs.last <= HIGHEST:
            reason = (
                f"a counter stands between 0 and 2**63 - 1, not {self.inputs.last}."
            )
            raise InvalidSequence(sequence.sequence_name, reason)
        if not sequence.progression.may_stand_at(self.inputs.last):
            reason = f"{self.inputs.last} is none of its numbers."
            raise InvalidSequence(sequence.sequence_name, reason)
        self.internals.counter = counter_for(sequence)
        self.internals.counter.require_transaction(deed="set")

    def lock(self) -> None:
        """Hold the counter until the transaction ends; refuse one that is not used."""
        counter = self.internals.counter
        last, name = counter.lock(), counter.sequence.sequence_name
        require_own_counter(counter.sequence, counter.using)
        self.outputs.before = stood_at(last, name, counter.using)
        self.internals.is_closed = last == CLOSED != self.outputs.before

    def check_direction(self) -> None:
        """Refuse to give numbers out again, or to open what is closed."""
        before, after = self.outputs.before, self.inputs.last
        sequence = declared(self.inputs.sequence)
        if self.internals.is_closed:
            raise SequenceClosed(sequence.sequence_name)
        if before is not None and sequence.progression.is_before(after, before):
            raise CounterBehind(sequence.sequence_name, before=before, after=after)

    def open_again(self) -> None:
        """Forget that it was closed."""
        counter = self.internals.counter
        closed = stored("ClosedSequence")._base_manager.using(counter.using)
        closed.filter(name=counter.sequence.sequence_name).delete()

    def persist(self) -> None:
        """Move the counter."""
        self.internals.counter.store(self.inputs.last)
        self.outputs.after = self.inputs.last

    def is_closed(self) -> bool:
        """Tell whether it gives out no more numbers."""
        return self.internals.is_closed

    def is_forced(self) -> bool:
        """Tell whether the caller takes the responsibility."""
        return self.inputs.force
