"""What the numbers on the invoices say, in the words of the example."""

import pytest

from invoicing.audit import SHOWN, audit_numbers, gaps_told
from invoicing.models import Invoice
from invoicing.services.issue_invoice import IssueInvoice
from tests.invoicing_example.conftest import MakeDraft

pytestmark = pytest.mark.django_db


def test_gaps_are_told_wherever_they_are(make_draft: MakeDraft):
    """In front of the first number, one alone, several in a row."""
    issued = [IssueInvoice.run(invoice=make_draft()).invoice for _ in range(8)]
    for number in (1, 3, 5, 6):
        issued[number - 1].delete()

    audit = audit_numbers()

    assert gaps_told(audit) == "1, 3, 5 to 6"
    assert (audit.lowest, audit.highest, audit.numbered) == (2, 8, 4)


def test_many_gaps_are_counted(make_draft: MakeDraft):
    """The first are told, and how many more there are."""
    for _ in range(2 * SHOWN + 3):
        IssueInvoice.run(invoice=make_draft())
    Invoice.objects.filter(number__in=range(1, 2 * SHOWN + 3, 2)).delete()

    assert gaps_told(audit_numbers()) == "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, and 1 more"


def test_without_invoices_there_is_no_gap(draft: Invoice):
    """Drafts have no numbers that could be missing."""
    audit = audit_numbers()

    assert (audit.lowest, audit.highest, audit.numbered) == (None, None, 0)
    assert gaps_told(audit) == "none"
