"""The number of a document: drawn, and put on it with all that goes with it."""

from typing import Any

from django.db.models import Model

from sequences.allocation.allocate_number import AllocateNumber
from sequences.definitions import Sequence
from sequences.dispatch import allocate
from sequences.fields import number_field
from sequences.ledger.facts import checked
from services import Inputs, Internals, Outputs, Service, attribute, make


class NumberDocument(Service):
    """
    Draw a number for a document, and set it with all that goes with it.

    The document is not saved. Its number belongs to the open transaction, as the
    guarantee of its sequence says; if it rolls back, the document cannot be saved with
    it, and may be numbered again.

    Where the sequence has a ledger, the number is assigned there to the document: at
    once if that is stored, else as soon as it is saved.

    :raises InvalidNumber: if the document has a number; nothing was drawn.
    :raises InvalidColumn: if its model has no NumberField, or several and none of them
        is named; nothing was drawn.
    :raises InvalidSequence: if its date or its scope does not tell its part, if its
        sequence is GROUPED, or if the ledger cannot keep its key; nothing was drawn.
    :raises NoTransaction: if no transaction is open; nothing was drawn.
    :raises DocumentsAhead: if another document has a higher number than the counter,
        see :class:`AllocateNumber`; nothing was drawn.
    :raises SequenceExhausted: if there is no number left.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        document: Model = attribute(doc="An instance of a model with a NumberField.")
        field: str | None = attribute(
            default=None, doc="The name of the field, where there are several."
        )
        value: int | None = attribute(
            default=None,
            doc="A number from elsewhere: of a batch, or of another system. The "
            "counter does not move, and may be behind then. None: draw one.",
            must={"must not be negative": lambda n: n is None or n >= 0},
        )

    class internals(Internals):
        field: Any = attribute(doc="The :class:`NumberField` of the document.")
        part: Sequence = attribute(doc="The part that the document belongs to.")
        told: str = attribute(
            default="",
            doc="The document, for the ledger; empty if that is told when it is saved.",
        )

    class outputs(Outputs):
        value: int
        text: str = attribute(doc="The number as the sequence's format prints it.")

    steps = (
        make("find_part"),
        make("refuse_second"),
        make("name_document", only_if="is_in_ledger"),
        make("draw", only_unless="is_given"),
        make("take", only_if="is_given"),
        make("assign"),
    )

    def find_part(self) -> None:
        """Find the field, and the counter of the document."""
        document = self.inputs.document
        self.internals.field = number_field(document, self.inputs.field)
        self.internals.part = self.internals.field.part_of(document)

    def refuse_second(self) -> None:
        """Refuse a document that has a number, unless a rollback gave it back."""
        field, document = self.internals.field, self.inputs.document
        number = getattr(document, field.attname)
        drawn = field.drawn_for(document)
        if number is not None and not (drawn and drawn.is_undone):
            reason = "it has it already. A number is drawn once for a document."
            raise field.invalid(document, reason)

    def name_document(self) -> None:
        """Name it for the ledger, if it is stored; refuse what cannot be kept there."""
        document, part = self.inputs.document, self.internals.part
        if document.pk is not None:
            named = checked(part, "document", document)
            if not document._state.adding:  # noqa: SLF001 - documented
                self.internals.told = named

    def draw(self) -> None:
        """Take the next number, of a ledger with the document, if it is named."""
        part, told = self.internals.part, self.internals.told
        if told:
            value = AllocateNumber.run(sequence=part, document=told).value
        else:
            value = allocate(part)
        self.outputs.value = value

    def take(self) -> None:
        """Take the number that is given."""
        if self.inputs.value is not None:
            self.outputs.value = self.inputs.value

    def assign(self) -> None:
        """Put it on the document."""
        part, value = self.internals.part, self.outputs.value
        self.outputs.text = part.print(value)
        self.internals.field.set(self.inputs.document, part, value)
        if self.is_in_ledger():
            drawn = self.internals.field.drawn_for(self.inputs.document)
            drawn.sequence = part
            if self.internals.told:
                drawn.tell(self.internals.told)

    def is_in_ledger(self) -> bool:
        """Tell whether the number is written into a ledger."""
        return self.internals.part.ledger and not self.is_given()

    def is_given(self) -> bool:
        """Tell whether the number comes from elsewhere."""
        return self.inputs.value is not None
