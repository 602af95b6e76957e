"""From a draft to an invoice, numbered together with others."""

from invoicing.models import Invoice
from invoicing.series import grouped_invoice_numbers
from invoicing.services.issue_invoice import IssueInvoice
from sequences import NumberPending
from services import make

WAITING = Invoice.objects.waiting()
"""Kept, since the statement that is made of it is kept with it."""


class IssueInvoiceInGroup(IssueInvoice):
    """
    Turn a draft into an invoice that gets its number right after the commit.

    Nobody waits for the transaction of somebody else: whoever comes first afterwards
    numbers all that were committed meanwhile, in one go. If this process dies in
    between, the invoice waits for the next call, or for `number_invoices`.

    :raises ServiceFailed: as `IssueInvoice`.
    :raises InsideTransaction: if a transaction is open, which has to roll back: nothing
        can be numbered in front of its commit.
    :raises DocumentsAhead: as `IssueInvoice`; the invoice waits for its number.
    """

    # Behind the stage, and so behind its commit.
    steps = (make("number"),)

    def allocate_number(self) -> None:
        """Leave it to the group."""

    def assign_number(self) -> None:
        self.internals.invoice.issued_on = self.inputs.issued_on

    def number(self) -> None:
        NumberPending.run(
            sequence=grouped_invoice_numbers,
            pending=WAITING,
            document=self.outputs.invoice.pk,
        )
        self.outputs.invoice.refresh_from_db(fields=["number"])
