"""From a draft to an invoice: each step alone, then the whole."""

from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal

import pytest
from django.db import OperationalError, transaction

from invoicing.models import Customer, Invoice, InvoiceLine
from invoicing.series import invoice_numbers
from invoicing.services.issue_invoice import IssueInvoice
from invoicing.services.issue_next_draft import IssueNextDraft
from sequences import AdoptNumbers, DocumentsAhead, delete
from services import Failure, ServiceFailed
from tests.invoicing_example.conftest import MakeDraft

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)


class TestSteps:
    def test_lock_draft_reads_it_anew(self, draft: Invoice):
        """What is issued is what the database holds, not what the caller remembers."""
        stale = Invoice.objects.get(pk=draft.pk)
        Invoice.objects.filter(pk=draft.pk).update(reference="D-1")
        run = IssueInvoice.stepper(invoice=stale)

        with transaction.atomic():
            run.do("lock_draft")

        assert run.internals.invoice is not stale
        assert run.internals.invoice.reference == "D-1"

    def test_lock_draft_refuses_what_is_gone(self, draft: Invoice):
        """A draft that was deleted in the meantime cannot be issued."""
        gone = Invoice.objects.get(pk=draft.pk)
        draft.delete()
        run = IssueInvoice.stepper(invoice=gone)

        with pytest.raises(ServiceFailed) as failed, transaction.atomic():
            run.do("lock_draft")

        assert str(failed.value) == f"There is no draft {gone.pk}: it was deleted."
        assert failed.value.code == "not_found"

    def test_check_is_draft_refuses_an_invoice(self, draft: Invoice):
        """What has a number is told by it, and gets no other."""
        run = IssueInvoice.stepper(invoice=draft)
        run.internals.invoice = draft
        draft.number, draft.issued_on = 7, TODAY

        with pytest.raises(ServiceFailed) as failed:
            run.do("check_is_draft")

        assert str(failed.value) == (
            "Only a draft can be issued: this is invoice 7 of 2026-11-21."
        )
        assert failed.value.code == "not_a_draft"
        assert failed.value.facts == {"draft": draft.pk, "number": 7}

    def test_freeze_recipient_keeps_the_address(self, draft: Invoice):
        """An issued invoice says where it went, also when the customer has moved."""
        run = IssueInvoice.stepper(invoice=draft)
        run.internals.invoice = draft

        run.do("freeze_recipient")

        assert draft.recipient == "Ada Lindqvist\nStorgatan 12\n903 26 Umeå\nSweden"

    def test_freeze_totals_rounds_each_line(self, make_draft: MakeDraft):
        """Each line is rounded to the cent, half up, and the total is their sum."""
        draft = make_draft(
            ("Oil, litre", "0.125", "1.00"),  # 0.125, told as 0.13
            ("Oil, litre", "0.125", "1.00"),
            ("Discount", "1", "-0.01"),
        )
        run = IssueInvoice.stepper(invoice=draft)
        run.internals.invoice = Invoice.objects.get(pk=draft.pk)

        run.do("freeze_totals")

        assert run.internals.invoice.total == Decimal("0.25")

    def test_freeze_totals_refuses_an_empty_draft(self, draft: Invoice):
        """An invoice without lines takes no number."""
        draft.lines.all().delete()
        run = IssueInvoice.stepper(invoice=draft)
        run.internals.invoice = draft

        with pytest.raises(ServiceFailed) as failed:
            run.do("freeze_totals")

        assert str(failed.value) == (
            f"There is nothing to pay on draft {draft.pk}: it has no lines."
        )
        assert failed.value.code == "no_lines"

    def test_freeze_totals_refuses_what_cannot_be_kept(self, draft: Invoice):
        """A total that its column cannot hold is refused before a number is taken."""
        InvoiceLine.objects.bulk_create(
            InvoiceLine(invoice=draft, quantity="99999", unit_price="999999")
            for _ in range(101)
        )
        run = IssueInvoice.stepper(invoice=draft)
        run.internals.invoice = draft

        with pytest.raises(ServiceFailed) as failed:
            run.do("freeze_totals")

        assert failed.value.code == "total_too_large"

    def test_allocate_number_takes_the_next_of_the_series(self, draft: Invoice):
        """The number comes from the series of invoices, and goes back on rollback."""
        run = IssueInvoice.stepper(invoice=draft)

        with transaction.atomic():
            run.do("allocate_number")
            transaction.set_rollback(True)

        assert run.internals.number == 1
        assert invoice_numbers.get_last_value() is None

    def test_assign_number_writes_nothing(self, draft: Invoice):
        """The number is on the object first, and on the row with everything else."""
        run = IssueInvoice.stepper(invoice=draft, issued_on=TODAY)
        run.internals.invoice = draft
        run.internals.number = 7

        run.do("assign_number")

        assert (draft.number, draft.issued_on) == (7, TODAY)
        assert Invoice.objects.get(pk=draft.pk).is_draft

    def test_save_writes_all_that_makes_an_invoice(self, draft: Invoice):
        """Number, date, recipient and total come together or not at all."""
        run = IssueInvoice.stepper(invoice=draft)
        draft.number, draft.issued_on = 7, TODAY
        draft.recipient, draft.total = "Ada", Decimal("117.80")
        run.internals.invoice = draft

        run.do("save")

        kept = Invoice.objects.get(pk=draft.pk)
        assert (kept.number, kept.issued_on) == (7, TODAY)
        assert (kept.recipient, kept.total) == ("Ada", Decimal("117.80"))
        assert run.outputs.invoice is draft


def test_the_number_is_drawn_after_all_that_can_be_refused():
    """Nothing but assigning and saving stands between the number and the commit."""
    names = [step.name for step in IssueInvoice.definition.steps]

    assert names[names.index("allocate_number") :] == [
        "allocate_number",
        "assign_number",
        "save",
    ]


def test_a_draft_becomes_an_invoice(draft: Invoice):
    """It has the next number, the day, the recipient and the total."""
    issued = IssueInvoice.run(invoice=draft, issued_on=TODAY).invoice

    assert issued == Invoice.objects.get()
    assert (issued.number, issued.issued_on) == (1, TODAY)
    assert issued.total == Decimal("117.80")
    assert issued.recipient
    assert issued.recipient.startswith("Ada Lindqvist\n")


def test_a_failure_in_the_middle_leaves_no_gap(
    draft: Invoice, next_draft: Invoice, full_disk: AbstractContextManager[None]
):
    """An invoice that cannot be saved gives its number back to the next one."""
    with full_disk, pytest.raises(OperationalError) as failed:
        IssueInvoice.run(invoice=draft)

    assert Invoice.objects.get(pk=draft.pk).is_draft
    assert IssueInvoice.run(invoice=next_draft).invoice.number == 1
    assert "  IssueInvoice > save (7 of 7)" in failed.value.__notes__


def test_a_failure_leaves_the_callers_object_alone(
    draft: Invoice, full_disk: AbstractContextManager[None]
):
    """A rollback cannot clear an object in memory, so no number was put on it."""
    with full_disk, pytest.raises(OperationalError):
        IssueInvoice.run(invoice=draft)

    assert draft.number is None
    assert draft.total is None


def test_an_object_with_a_stale_number_cannot_be_saved_with_it(draft: Invoice):
    """Saving writes what a draft has: a number is on the row only if it was issued."""
    draft.number = 99
    draft.save()

    assert Invoice.objects.get(pk=draft.pk).is_draft


def test_an_object_without_its_number_cannot_wipe_it_out(draft: Invoice):
    """An object from before the invoice was issued does not undo that when saved."""
    IssueInvoice.run(invoice=draft)

    draft.save()

    assert Invoice.objects.get(pk=draft.pk).number == 1


def test_issuing_twice_is_a_clear_failure(draft: Invoice):
    """The second time nothing happens, and the caller is told the number."""
    IssueInvoice.run(invoice=draft)

    result = IssueInvoice.attempt(invoice=draft)

    assert isinstance(result, Failure)
    assert result.error.code == "not_a_draft"
    assert result.error.facts["number"] == 1
    assert invoice_numbers.get_last_value() == 1


def test_nothing_is_issued_until_the_counter_is_realigned(
    draft: Invoice, next_draft: Invoice
):
    """After a restore the invoice that has the number is told, and the way on."""
    IssueInvoice.run(invoice=draft)
    delete("invoices")  # as if its table had been restored from the day before

    for _ in range(2):
        with pytest.raises(DocumentsAhead) as refused:
            IssueInvoice.run(invoice=next_draft)
        assert str(refused.value) == (
            "Sequence 'invoices' cannot go on from its counter: it has given out "
            "none, and the documents are ahead of it by 1, at 1. Adopt the numbers "
            "of the documents instead."
        )
        assert Invoice.objects.get(pk=next_draft.pk).is_draft

    AdoptNumbers.run(sequence=invoice_numbers)
    assert IssueInvoice.run(invoice=next_draft).invoice.number == 2


def test_an_issued_invoice_stays_as_it_is_when_the_customer_moves(draft: Invoice):
    """What was sent to the old address goes on saying so."""
    IssueInvoice.run(invoice=draft)
    Customer.objects.update(city="Malmö")

    recipient = Invoice.objects.get().recipient

    assert recipient is not None
    assert "Umeå" in recipient


class TestNextDraft:
    def test_the_oldest_comes_first(self, make_draft: MakeDraft):
        """Drafts get their numbers by date, and then as they were written."""
        late, early = make_draft(), make_draft()
        Invoice.objects.filter(pk=early.pk).update(drafted_on=date(2026, 1, 1))

        order = [IssueNextDraft.run().invoice for _ in range(2)]

        assert order == [early, late]

    def test_without_drafts_there_is_no_invoice(self):
        """That nothing waits is no failure."""
        assert IssueNextDraft.run().invoice is None

    def test_skipped_drafts_stay(self, draft: Invoice, next_draft: Invoice):
        """What cannot be issued does not stop what comes after it."""
        skip = frozenset([draft.pk])

        assert IssueNextDraft.run(skip=skip).invoice == next_draft
        assert IssueNextDraft.run(skip=skip).invoice is None
