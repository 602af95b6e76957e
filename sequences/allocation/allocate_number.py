"""The next number of a sequence, without a gap."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import Model

from sequences.alignment import guarded_counter
from sequences.counters import Counter
from sequences.definitions import Sequence, declared
from sequences.guarantees import Guarantee
from sequences.ledger.entries import Ledger
from sequences.ledger.facts import Facts
from services import Done, Inputs, Internals, Outputs, Service, attribute, make, stage


class AllocateNumber(Service):
    """
    Take the next number of a sequence, without a gap.

    The number belongs to the transaction that is open on the sequence's
    database: a rollback gives it back. Until that transaction ends, other
    callers of the same sequence wait; callers of other sequences do not.

    Where the sequence has a ledger, the number is written there in the same
    transaction: as assigned to ``document``, or as reserved. A call with a ``key`` that
    was given a number finds that number again, also after a commit of which nobody
    knows how it ended; a second caller with the same key waits for the first.

    :raises InvalidSequence: if the sequence is not SERIAL; if it counts by period or
        scope, and ``on`` or ``scope`` do not tell which one; if ``key``, ``document``
        or ``user`` are given and it has no ledger, or they cannot be kept; nothing was
        taken.
    :raises NoTransaction: if no transaction is open; nothing was taken.
    :raises DocumentsAhead: if a document has a higher number, as after a restore; the
        counter did not move. Looked for where the sequence declares a column of
        numbers that is its alone, and a constraint makes them unique.
    :raises SequenceExhausted: if there is no number left; likewise.
    :raises SequenceClosed: if it is closed; likewise.
    :raises NumberVoid: if the number of ``key`` is void by now.
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
        key: str | None = attribute(
            default=None,
            doc="By which a repeated call finds its number: 1 to 200 characters, as "
            "those of a sequence's name. It counts for this sequence, or this part.",
        )
        document: Model | str | None = attribute(
            default=None,
            doc="What will bear the number: a stored object, or a text.",
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
        next: int

    class outputs(Outputs):
        value: int
        text: str = attribute(doc="The number as the sequence's format prints it.")
        found: bool = attribute(
            default=False, doc="Whether the key had its number already."
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

    def validate(self) -> None:
        """Find the counter of the document; refuse without a transaction."""
        sequence = self._part()
        sequence.require(Guarantee.SERIAL)
        self.internals.facts = Facts.of(
            sequence,
            key=self.inputs.key,
            document=self.inputs.document,
            user=self.inputs.user,
        )
        self.internals.counter = guarded_counter(sequence)
        self.internals.counter.require_transaction()

    def hold(self) -> None:
        """Wait for who may be given a number for the same key."""
        self.internals.counter.hold(nowait=self.inputs.nowait)

    def find(self) -> Done | None:
        """Give the number of the key, if it has one: nobody else is given one now."""
        found = Ledger(self.internals.counter).find(self.inputs.key or "")
        if found is None:
            return None
        self.internals.next = found[0]
        self.assign()
        self.outputs.found = True
        return self.done()

    def advance(self) -> None:
        """Lock, increment or loop, and persist: one statement where it can be."""
        self.internals.next = self.internals.counter.advance()

    def lock(self) -> None:
        """Hold the counter until the transaction ends."""
        self.internals.last = self.internals.counter.lock(nowait=self.inputs.nowait)

    def require_aligned(self) -> None:
        """Refuse to count on behind the documents, as after a restore."""
        self.internals.counter.require_aligned(self.internals.last)

    def increment_or_loop(self) -> None:
        """Count on from the last number."""
        self.internals.next = self._part().after(self.internals.last)

    def assign(self) -> None:
        """Give the number, as it is and as it is printed."""
        self.outputs.value = self.internals.next
        self.outputs.text = self.internals.counter.sequence.print(self.internals.next)

    def persist(self) -> None:
        """Move the counter."""
        self.internals.counter.store(self.internals.next)

    def record(self) -> None:
        """Write the number into the ledger."""
        internals = self.internals
        if internals.facts is not None:
            ledger = Ledger(internals.counter)
            ledger.record(internals.next, internals.next, internals.facts)

    def has_ledger(self) -> bool:
        """Tell whether the number is written into a ledger."""
        return self.internals.facts is not None

    def has_key(self) -> bool:
        """Tell whether the number may have been given out to this very call."""
        return self.inputs.key is not None

    def in_one_statement(self) -> bool:
        """Tell whether the database can do it all at once."""
        counter = self.internals.counter
        return counter.advances_in_one_statement() and not self.inputs.nowait

    def _part(self) -> Sequence:
        sequence = declared(self.inputs.sequence)
        return sequence.of(on=self.inputs.on, scope=self.inputs.scope)
