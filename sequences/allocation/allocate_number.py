"""The next number of a sequence, without a gap."""

from collections.abc import Mapping
from datetime import date, datetime

from sequences.counters import Counter, counter_for
from sequences.definitions import Sequence, declared
from services import Inputs, Internals, Outputs, Service, attribute, make


class AllocateNumber(Service):
    """
    Take the next number of a sequence, without a gap.

    The number belongs to the transaction that is open on the sequence's
    database: a rollback gives it back. Until that transaction ends, other
    callers of the same sequence wait; callers of other sequences do not.

    :raises InvalidSequence: if it counts by period or scope, and ``on`` or ``scope`` do
        not tell which one; nothing was taken.
    :raises NoTransaction: if no transaction is open; nothing was taken.
    :raises SequenceExhausted: if there is no number left; the counter did not move.
    :raises LockBusy: if ``nowait`` and another transaction holds the counter.
    :raises Conflict: likewise ``Deadlock``, ``LockTimeout``; see ``retry_on_conflict``.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence | str = attribute(
            doc="A declared sequence, or the name of a plain one."
        )
        nowait: bool = attribute(
            default=False, doc="Refuse with LockBusy instead of waiting."
        )
        on: date | datetime | None = attribute(
            default=None,
            doc="The document's date, or a moment, where it counts by period.",
        )
        scope: Mapping[str, str] | None = attribute(
            default=None, doc="The values of its scope, by name, where it has one."
        )

    class internals(Internals):
        counter: Counter
        last: int | None = attribute(
            doc="The last number given out, None before the first."
        )
        next: int

    class outputs(Outputs):
        value: int
        text: str = attribute(doc="The number as the sequence's format prints it.")

    steps = (
        make("validate"),
        make("advance", only_if="in_one_statement"),
        make("lock", only_unless="in_one_statement"),
        make("increment_or_loop", only_unless="in_one_statement"),
        make("assign"),
        make("persist", only_unless="in_one_statement"),
    )

    def validate(self) -> None:
        """Find the counter of the document; refuse without a transaction."""
        series = declared(self.inputs.sequence)
        sequence = series.of(on=self.inputs.on, scope=self.inputs.scope)
        self.internals.counter = counter_for(sequence)
        self.internals.counter.require_transaction()

    def advance(self) -> None:
        """Lock, increment or loop, and persist: one statement where it can be."""
        self.internals.next = self.internals.counter.advance()

    def lock(self) -> None:
        """Hold the counter until the transaction ends."""
        self.internals.last = self.internals.counter.lock(nowait=self.inputs.nowait)

    def increment_or_loop(self) -> None:
        """Count on from the last number."""
        sequence = declared(self.inputs.sequence)
        self.internals.next = sequence.after(self.internals.last)

    def assign(self) -> None:
        """Give the number, as it is and as it is printed."""
        self.outputs.value = self.internals.next
        self.outputs.text = self.internals.counter.sequence.print(self.internals.next)

    def persist(self) -> None:
        """Move the counter."""
        self.internals.counter.store(self.internals.next)

    def in_one_statement(self) -> bool:
        """Tell whether the database can do it all at once."""
        counter = self.internals.counter
        return counter.advances_in_one_statement() and not self.inputs.nowait
