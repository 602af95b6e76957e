"""The document of a number that was given out before anybody knew which it is."""

from contextlib import AbstractContextManager

from django.db import transaction
from django.db.models import Model

from sequences.counters import Counter, counter_for
from sequences.definitions import Sequence
from sequences.errors import BE_ASSIGNED
from sequences.ledger.by_hand import say
from sequences.ledger.entries import Ledger
from sequences.ledger.facts import checked, checked_or_empty
from sequences.ledger.given_out import hold_given_out, require_possible
from sequences.ledger.last_words import LastWords
from services import Inputs, Internals, Outputs, Service, attribute, make, stage


class AssignNumber(Service):
    """
    Write into the ledger on which document a number is that was given out.

    Opens a transaction, or a savepoint in the caller's, and holds the counter until
    that ends. Of a batch, each number is assigned by itself. Numbers from before the
    ledger can be assigned, too.

    A number has one document, for good. To tell the same again writes nothing more. The
    document is taken as it is told: whether it bears the number is not looked at.

    ``AllocateNumber`` with ``document``, and a NumberField, tell it without this.

    :raises InvalidSequence: if the sequence has no ledger, the number is none of its
        numbers, or the document or the user cannot be kept.
    :raises NumberNotGivenOut: if nobody was given the number yet.
    :raises NumberVoid: if it is void.
    :raises NumberOnDocument: if it is assigned to another document. In all of these
        cases nothing is written.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence = attribute(doc="A sequence with a ledger, or a part of it.")
        value: int = attribute(doc="The number.")
        document: Model | str = attribute(
            doc="What it is on: a stored object, or a text of up to 255 characters."
        )
        user: Model | str | None = attribute(
            default=None, doc="Who says so: a stored object, or a text."
        )

    class internals(Internals):
        counter: Counter
        document: str
        user: str

    class outputs(Outputs):
        found: bool = attribute(doc="Whether the ledger said so already.")

    steps = (
        make("validate"),
        stage(
            make("check_given_out"),
            make("check_not_void"),
            make("find"),
            make("record", only_unless="is_found"),
            within="holding_the_counter",
        ),
    )

    def validate(self) -> None:
        """Find the ledger; refuse what is no number, or no document."""
        given, internals = self.inputs, self.internals
        sequence = given.sequence
        sequence.require_ledger()
        require_possible(sequence, given.value)
        internals.document = checked(sequence, "document", given.document)
        internals.user = checked_or_empty(sequence, "user", given.user)
        internals.counter = counter_for(sequence)

    def check_given_out(self) -> None:
        """Hold the counter; refuse a number that is still to come."""
        hold_given_out(self.internals.counter, self.inputs.value, deed=BE_ASSIGNED)

    def check_not_void(self) -> None:
        """Refuse a number that is void."""
        value = self.inputs.value
        LastWords(self.internals.counter).refuse_void(value, value)

    def find(self) -> None:
        """Look whether it is assigned already; refuse one of another document."""
        internals = self.internals
        self.outputs.found = LastWords(internals.counter).names(
            self.inputs.value, internals.document
        )

    def record(self) -> None:
        """Write it into the ledger."""
        Ledger(self.internals.counter).assign(
            self.inputs.value,
            document=self.internals.document,
            user=self.internals.user,
        )
        say(self.internals.counter)

    def is_found(self) -> bool:
        """Tell whether it is written there already."""
        return self.outputs.found

    def holding_the_counter(self) -> AbstractContextManager[None]:
        """Let nobody void the number, or assign it, in between."""
        return transaction.atomic(using=self.internals.counter.using)
