"""What the numbers on the documents say."""

import pytest

from invoicing.audit import audit_numbers
from invoicing.models import Invoice
from invoicing.services.issue_invoice import IssueInvoice
from tests.invoicing_example.conftest import MakeDraft

pytestmark = pytest.mark.django_db


def test_gaps_are_found_wherever_they_are(make_draft: MakeDraft):
    """In front of the first number, one alone, several in a row."""
    issued = [IssueInvoice.run(invoice=make_draft()).invoice for _ in range(8)]
    for number in (1, 3, 5, 6):
        issued[number - 1].delete()

    audit = audit_numbers()

    assert audit.gaps == [(1, 1), (3, 3), (5, 6)]
    assert audit.gaps_told == "1, 3, 5 to 6"
    assert (audit.first, audit.last, audit.count, audit.doubled) == (2, 8, 4, 0)


def test_without_invoices_there_is_no_gap(draft: Invoice):
    """Drafts have no numbers that could be missing."""
    audit = audit_numbers()

    assert (audit.first, audit.last, audit.count) == (None, None, 0)
    assert audit.gaps_told == "none"
