"""A number that will never be on a document, with the reason."""

from contextlib import AbstractContextManager

from django.db import transaction
from django.db.models import Model

from sequences.counters import Counter, counter_for
from sequences.definitions import Sequence
from sequences.errors import InvalidSequence, NumberNotGivenOut, NumberOnDocument
from sequences.ledger.entries import ALLOCATED, Ledger
from sequences.ledger.facts import checked, checked_or_empty
from sequences.ledger.kept import stood_at
from sequences.ledger.on_documents import first_document, sees_documents
from sequences.ledger.possible import PossibleNumbers
from services import Inputs, Internals, Outputs, Service, attribute, make, stage


class VoidNumber(Service):
    """
    Write that a number, or a range of them, is void: it will never be on a document.

    Opens a transaction, or a savepoint in the caller's, and holds the counter until
    that ends. The number is not given out again, and an audit explains it by the
    reason. Numbers from before the ledger can be void, too.

    Whether a document bears the number is seen in the column of the sequence, be it the
    number or its printed text; of a part, where a NumberField stores period and scope,
    or the text shows them. Else the ledger's word holds.

    :raises InvalidSequence: if the sequence has no ledger, a number is none of its
        numbers, or the reason is empty.
    :raises NumberNotGivenOut: if nobody was given the number yet.
    :raises NumberOnDocument: if a document bears it.
    :raises NumberVoid: if it is void already. In all of these cases nothing is written,
        for the whole range.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence = attribute(doc="A sequence with a ledger, or a part of it.")
        value: int = attribute(doc="The number; of a range, the first.")
        last: int | None = attribute(
            default=None, doc="The last number of a range. None: only the one."
        )
        reason: str = attribute(doc="Why; at most 1,000 characters, on one line.")
        user: Model | str | None = attribute(
            default=None, doc="Who says so: a stored object, or a text."
        )

    class internals(Internals):
        counter: Counter
        ledger: Ledger
        reason: str
        user: str

    class outputs(Outputs):
        values: range = attribute(doc="The numbers that are void now.")

    steps = (
        make("validate"),
        stage(
            make("check_given_out"),
            make("check_not_void"),
            make("check_column", only_if="sees_documents"),
            make("check_ledger", only_unless="sees_documents"),
            make("record"),
            within="holding_the_counter",
        ),
    )

    def validate(self) -> None:
        """Find the ledger; refuse what is no number, or no reason."""
        given, internals = self.inputs, self.internals
        sequence = given.sequence
        sequence.require_ledger()
        first = given.value
        last = first if given.last is None else given.last
        series = PossibleNumbers(
            first=sequence.initial_value,
            limit=sequence.progression.limit,
            step=sequence.increment,
        )
        for number in (first, last):
            if not series.has(number):
                reason = f"{number} is none of its numbers."
                raise InvalidSequence(sequence.sequence_name, reason)
        if last < first:
            reason = f"a range of numbers cannot go from {first} to {last}."
            raise InvalidSequence(sequence.sequence_name, reason)
        internals.reason = checked(sequence, "reason", given.reason)
        internals.user = checked_or_empty(sequence, "user", given.user)
        internals.counter = counter_for(sequence)
        internals.ledger = Ledger(internals.counter)
        self.outputs.values = range(first, last + 1, sequence.increment)

    def check_given_out(self) -> None:
        """Hold the counter; refuse numbers that are still to come."""
        counter, last = self.internals.counter, self.outputs.values[-1]
        name = counter.sequence.sequence_name
        stands = stood_at(counter.lock(), name, counter.using)
        if stands is None or stands < last:
            raise NumberNotGivenOut(name, value=last, last=stands)

    def check_not_void(self) -> None:
        """Refuse what is void already."""
        self.internals.ledger.refuse_void(*self._ends())

    def check_column(self) -> None:
        """Refuse a number that stands in the column of the documents."""
        sequence, using = self.inputs.sequence, self.internals.counter.using
        found = first_document(sequence, self.outputs.values, using)
        if found is not None:
            value, document = found
            raise NumberOnDocument(
                sequence.sequence_name,
                value=value,
                document=f"{document._meta.label}:{document.pk}",
            )

    def check_ledger(self) -> None:
        """Refuse a number that was given out for a document."""
        first, last = self._ends()
        given = self.internals.ledger.among(ALLOCATED, first, last, locked=True)
        for entry in given.exclude(document="")[:1]:
            raise NumberOnDocument(
                self.inputs.sequence.sequence_name,
                value=max(first, entry.first),
                document=entry.document,
            )

    def record(self) -> None:
        """Write it into the ledger."""
        self.internals.ledger.void(
            *self._ends(), reason=self.internals.reason, user=self.internals.user
        )

    def sees_documents(self) -> bool:
        """Tell whether the column tells on which document a number is."""
        return sees_documents(self.inputs.sequence)

    def holding_the_counter(self) -> AbstractContextManager[None]:
        """Let nobody be given a number, or void one, in between."""
        return transaction.atomic(using=self.internals.counter.using)

    def _ends(self) -> tuple[int, int]:
        return self.outputs.values[0], self.outputs.values[-1]
