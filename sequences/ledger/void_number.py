"""A number that will never be on a document, with the reason."""

from contextlib import AbstractContextManager

from django.db import transaction
from django.db.models import Model

from sequences.counters import Counter, counter_for
from sequences.definitions import Sequence
from sequences.errors import BE_VOID, InvalidSequence, NumberOnDocument
from sequences.ledger.by_hand import say
from sequences.ledger.entries import Ledger
from sequences.ledger.facts import checked, checked_or_empty, named
from sequences.ledger.given_out import hold_given_out, require_possible
from sequences.ledger.last_words import LastWords
from sequences.ledger.on_documents import first_document, sees_documents
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
        require_possible(sequence, first, last)
        if last < first:
            reason = f"a range of numbers cannot go from {first} to {last}."
            raise InvalidSequence(sequence.sequence_name, reason)
        internals.reason = checked(sequence, "reason", given.reason)
        internals.user = checked_or_empty(sequence, "user", given.user)
        internals.counter = counter_for(sequence)
        self.outputs.values = range(first, last + 1, sequence.increment)

    def check_given_out(self) -> None:
        """Hold the counter; refuse numbers that are still to come."""
        last = self.outputs.values[-1]
        hold_given_out(self.internals.counter, last, deed=BE_VOID)

    def check_not_void(self) -> None:
        """Refuse what is void already."""
        LastWords(self.internals.counter).refuse_void(*self._ends())

    def check_column(self) -> None:
        """Refuse a number that stands in the column of the documents."""
        sequence, using = self.inputs.sequence, self.internals.counter.using
        found = first_document(sequence, self.outputs.values, using)
        if found is not None:
            value, document = found
            raise NumberOnDocument(
                sequence.sequence_name,
                value=value,
                document=named(document),
            )

    def check_ledger(self) -> None:
        """Refuse a number that is assigned to a document."""
        LastWords(self.internals.counter).refuse_assigned(*self._ends())

    def record(self) -> None:
        """Write it into the ledger."""
        Ledger(self.internals.counter).void(
            *self._ends(), reason=self.internals.reason, user=self.internals.user
        )
        say(self.internals.counter)

    def sees_documents(self) -> bool:
        """Tell whether the column tells on which document a number is."""
        return sees_documents(self.inputs.sequence)

    def holding_the_counter(self) -> AbstractContextManager[None]:
        """Let nobody be given a number, or void one, in between."""
        return transaction.atomic(using=self.internals.counter.using)

    def _ends(self) -> tuple[int, int]:
        return self.outputs.values[0], self.outputs.values[-1]
