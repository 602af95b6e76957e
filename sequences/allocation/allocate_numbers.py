"""The next numbers of a sequence, without a gap, all or none."""

from django.db.models import Model

from sequences.alignment import guarded_counter
from sequences.arithmetic import HIGHEST, Values
from sequences.counters import Counter
from sequences.definitions import Sequence, declared
from sequences.errors import InvalidSequence
from sequences.guarantees import Guarantee
from sequences.ledger.entries import Ledger
from sequences.ledger.facts import Facts
from services import Done, Inputs, Internals, Outputs, Service, attribute, make, stage
from services.wording import short


class AllocateNumbers(Service):
    """
    Take the next numbers of a sequence, without a gap, all or none.

    Transactions, the ledger and errors are those of :class:`AllocateNumber`; the ledger
    has one entry for all of them.

    :raises InvalidSequence: for a negative ``count``, or if ``key`` was given another
        count of numbers; nothing was taken.

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
        key: str | None = attribute(
            default=None, doc="By which a repeated call finds its numbers."
        )
        user: Model | str | None = attribute(
            default=None, doc="Who asks: a stored object, or a text."
        )

    class internals(Internals):
        counter: Counter
        facts: Facts | None = attribute(doc="For the ledger; None without one.")
        last: int | None = attribute(
            doc="The last number given out, None before the first."
        )
        next: Values

    class outputs(Outputs):
        values: Values = attribute(
            doc="A range; a tuple if it passes the end of a loop."
        )
        found: bool = attribute(
            default=False, doc="Whether the key had its numbers already."
        )

    steps = (
        make("validate"),
        stage(make("hold"), make("find"), only_if="has_key"),
        make("advance", only_if="in_one_statement"),
        stage(
            make("lock"),
            make("require_aligned"),
            make("increment_or_loop"),
            only_unless="in_one_statement",
        ),
        make("assign"),
        make("persist", only_unless="in_one_statement"),
        make("record", only_if="has_ledger"),
    )

    def validate(self) -> Done | None:
        """Find the counter; refuse without a transaction; take nothing for nothing."""
        sequence = declared(self.inputs.sequence)
        sequence.require(Guarantee.SERIAL)
        if not 0 <= self.inputs.count <= HIGHEST:
            reason = "a batch has between 0 and 2**63 - 1 numbers, not {}."
            raise InvalidSequence(
                sequence.sequence_name, reason.format(short(self.inputs.count))
            )
        self.internals.facts = Facts.of(
            sequence, key=self.inputs.key, document=None, user=self.inputs.user
        )
        self.internals.counter = guarded_counter(sequence)
        self.internals.counter.require_transaction()
        if self.inputs.count == 0:
            self.outputs.values = range(0)
            return self.done()
        return None

    def hold(self) -> None:
        """Wait for who may be given a number for the same key."""
        self.internals.counter.hold(nowait=self.inputs.nowait)

    def find(self) -> Done | None:
        """Give the numbers of the key, if it has some: nobody is given any now."""
        key, count = self.inputs.key or "", self.inputs.count
        found = Ledger(self.internals.counter).find(key, count)
        if found is None:
            return None
        self.outputs.values = found
        self.outputs.found = True
        return self.done()

    def advance(self) -> None:
        """Lock, increment, and persist: one statement where it can be."""
        last = self.internals.counter.advance(self.inputs.count)
        progression = self.internals.counter.sequence.progression
        self.internals.next = progression.values_up_to(last, self.inputs.count)

    def lock(self) -> None:
        """Hold the counter until the transaction ends."""
        self.internals.last = self.internals.counter.lock(nowait=self.inputs.nowait)

    def require_aligned(self) -> None:
        """Refuse to count on behind the documents, as after a restore."""
        self.internals.counter.require_aligned(self.internals.last)

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

    def record(self) -> None:
        """Write the numbers into the ledger."""
        internals = self.internals
        if internals.facts is not None:
            ledger = Ledger(internals.counter)
            ledger.record(internals.next[0], internals.next[-1], internals.facts)

    def has_ledger(self) -> bool:
        """Tell whether the numbers are written into a ledger."""
        return self.internals.facts is not None

    def has_key(self) -> bool:
        """Tell whether numbers may have been given out to this very call."""
        return self.inputs.key is not None

    def in_one_statement(self) -> bool:
        """Tell whether the database can do it all at once."""
        counter = self.internals.counter
        return (
            counter.advances_in_one_statement(self.inputs.count)
            and not self.inputs.nowait
        )
