"""Issuing in groups: committed first, numbered together."""

from contextlib import AbstractContextManager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, transaction

from invoicing.models import Invoice
from invoicing.series import invoice_numbers
from invoicing.services.issue_invoice import IssueInvoice
from invoicing.services.issue_invoice_in_group import IssueInvoiceInGroup
from sequences import (
    AdoptNumbers,
    DocumentsAhead,
    InsideTransaction,
    NumberPending,
    delete,
)
from services.testing import stubs

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_an_invoice_with_the_next_number(draft: Invoice, next_draft: Invoice):
    """Both ways of issuing count in one series."""
    first = IssueInvoice.run(invoice=draft).invoice
    second = IssueInvoiceInGroup.run(invoice=next_draft).invoice
    assert (first.number, second.number) == (1, 2)
    assert second == Invoice.objects.get(number=2)
    assert not second.is_draft


def die_before_the_number(draft: Invoice) -> None:
    """Issue a draft up to its commit."""
    with stubs() as stub:
        stub(NumberPending).raises(OperationalError("The server is gone."))
        with pytest.raises(OperationalError):
            IssueInvoiceInGroup.run(invoice=draft)


def test_who_died_in_between_is_numbered_by_the_next(
    draft: Invoice, next_draft: Invoice
):
    """An invoice that was committed without a number is in front of those after it."""
    die_before_the_number(draft)
    waiting = Invoice.objects.get(pk=draft.pk)
    assert (waiting.number, waiting.is_draft) == (None, False)

    assert IssueInvoiceInGroup.run(invoice=next_draft).invoice.number == 2
    waiting.refresh_from_db()
    assert waiting.number == 1


def test_a_command_numbers_who_waits(draft: Invoice):
    """Nobody has to issue another invoice for it."""
    die_before_the_number(draft)

    told = StringIO()
    call_command("number_invoices", stdout=told)
    assert told.getvalue() == "Numbered 1 invoices.\n"
    assert Invoice.objects.get().number == 1


def test_a_failure_in_the_middle_changes_nothing(
    draft: Invoice, full_disk: AbstractContextManager[None]
):
    """What was not committed is a draft, and takes no number."""
    with full_disk, pytest.raises(OperationalError):
        IssueInvoiceInGroup.run(invoice=draft)
    assert Invoice.objects.get().is_draft


def test_behind_a_restored_counter_it_waits(draft: Invoice, next_draft: Invoice):
    """The group says what is wrong, and numbers it once that is mended."""
    IssueInvoiceInGroup.run(invoice=draft)
    delete("invoices")  # as if its table had been restored from the day before
    with pytest.raises(DocumentsAhead):
        IssueInvoiceInGroup.run(invoice=next_draft)
    with pytest.raises(CommandError, match="ahead of it by 1, at 1"):
        call_command("number_invoices")

    AdoptNumbers.run(sequence=invoice_numbers)
    call_command("number_invoices", stdout=StringIO())
    assert Invoice.objects.get(pk=next_draft.pk).number == 2


def test_inside_a_transaction_nothing_is_issued(draft: Invoice):
    """In front of a commit there is nothing to number."""
    with pytest.raises(InsideTransaction), transaction.atomic():
        IssueInvoiceInGroup.run(invoice=draft)
    assert Invoice.objects.get().is_draft


def test_a_number_without_the_rest_is_impossible(draft: Invoice):
    """The database itself keeps an invoice whole, whoever writes."""
    with pytest.raises(IntegrityError):
        Invoice.objects.filter(pk=draft.pk).update(number=7)
