"""The draft whose turn it is, issued by one of perhaps many processes."""

from contextlib import AbstractContextManager

from django.db import connection, transaction

from invoicing.models import Invoice
from invoicing.services.issue_invoice import IssueInvoice
from services import (
    Done,
    Inputs,
    Internals,
    Outputs,
    Service,
    attribute,
    make,
    stage,
)


class IssueNextDraft(Service):
    """
    Issue the oldest draft that nobody else is issuing at the moment.

    Gives no invoice if there is none. Any number of processes can do it at once; wrap
    it in `retry_on_conflict`, for databases that end one of two transactions.

    :raises ServiceFailed: as `IssueInvoice`, with `draft`; skip that one next time.
        Without `draft` it is the fault of the series, and the next would fail as well.
    """

    class inputs(Inputs):
        skip: frozenset[int] = attribute(
            default=frozenset(), doc="Primary keys of drafts that cannot be issued."
        )

    class internals(Internals):
        draft: Invoice

    class outputs(Outputs):
        invoice: Invoice | None = attribute(default=None)

    steps = (
        stage(
            make("claim_draft"),
            make("issue"),
            within="transaction",
        ),
    )

    def transaction(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def claim_draft(self) -> Done | None:
        """Lock a draft. Where rows cannot be skipped, wait for the one in front."""
        draft = (
            Invoice.objects.drafts()
            .exclude(pk__in=self.inputs.skip)
            .select_for_update(
                skip_locked=connection.features.has_select_for_update_skip_locked
            )
            .first()
        )
        if draft is None:
            return self.done()
        self.internals.draft = draft
        return None

    def issue(self) -> None:
        self.outputs.invoice = IssueInvoice.run(invoice=self.internals.draft).invoice
