"""From a draft to an invoice."""

from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.utils import timezone

from invoicing.models import Invoice
from invoicing.series import invoice_numbers
from sequences import AllocateNumber
from services import (
    Inputs,
    Internals,
    Outputs,
    Service,
    Steps,
    attribute,
    make,
    stage,
)

TOO_LARGE = Decimal(10) ** 13  # for the column that keeps a total


class IssueInvoice(Service):
    """
    Turn a draft into an invoice with the next number of its series, or change nothing.

    The object given is left as it is, whatever happens: a rollback would not take the
    number out of it again. The one that comes out was read under the draft's lock.

    :raises ServiceFailed: `not_a_draft` (it has a number), `not_found` (it was
        deleted), `no_lines`, `total_too_large`. Facts: `draft`, its primary key.
    :raises DocumentsAhead: if an invoice has a higher number than the counter, as after
        a restore: it has to be realigned first.
    """

    class inputs(Inputs):
        invoice: Invoice
        issued_on: date = attribute(factory=timezone.localdate)

    class internals(Internals):
        invoice: Invoice = attribute(doc="The draft itself, locked until the end.")
        number: int

    class outputs(Outputs):
        invoice: Invoice

    steps: ClassVar[Steps] = (
        stage(
            make("lock_draft"),  # two who issue the same draft come one after the other
            make("check_is_draft"),
            make("freeze_recipient"),
            make("freeze_totals"),
            make("allocate_number"),  # late: the series is locked from here on
            make("assign_number"),
            make("save"),
            within="transaction",
        ),
    )

    def transaction(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def lock_draft(self) -> None:
        drafts = Invoice.objects.prefetch_related("customer", "lines")
        try:
            self.internals.invoice = drafts.select_for_update().get(
                pk=self.inputs.invoice.pk
            )
        except Invoice.DoesNotExist:
            self.fail(
                f"There is no {self.inputs.invoice}: it was deleted.",
                code="not_found",
                draft=self.inputs.invoice.pk,
            )

    def check_is_draft(self) -> None:
        invoice = self.internals.invoice
        if not invoice.is_draft:
            self.fail(
                f"Only a draft can be issued: this is invoice {invoice.number} of "
                f"{invoice.issued_on}.",
                code="not_a_draft",
                draft=invoice.pk,
                number=invoice.number,
            )

    def freeze_recipient(self) -> None:
        """Keep where it goes: the customer may move later."""
        invoice = self.internals.invoice
        invoice.recipient = invoice.customer.as_recipient

    def freeze_totals(self) -> None:
        invoice = self.internals.invoice
        if not invoice.lines.all():
            self.fail(
                f"There is nothing to pay on {invoice}: it has no lines.",
                code="no_lines",
                draft=invoice.pk,
            )
        invoice.total = invoice.sum_of_lines
        if abs(invoice.total) >= TOO_LARGE:
            self.fail(
                f"The total of {invoice} is {invoice.total}: too large to be kept.",
                code="total_too_large",
                draft=invoice.pk,
            )

    def allocate_number(self) -> None:
        self.internals.number = AllocateNumber.run(sequence=invoice_numbers).value

    def assign_number(self) -> None:
        self.internals.invoice.number = self.internals.number
        self.internals.invoice.issued_on = self.inputs.issued_on

    def save(self) -> None:
        self.internals.invoice.save(update_fields=Invoice.ISSUED)
        self.outputs.invoice = self.internals.invoice
