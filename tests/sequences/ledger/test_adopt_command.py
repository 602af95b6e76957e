"""The command that lets a counter go on behind the documents."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from sequences import Sequence, get_last_value, get_next_value
from tests.documents.models import Bill, Document

pytestmark = pytest.mark.django_db(transaction=True)

COLUMN = "documents.Document.number"


def output_of(*command: str) -> str:
    """Run the command as from the command line, and give what it wrote."""
    out = StringIO()
    call_command("adopt_numbers", *command, stdout=out)
    return out.getvalue()


@pytest.fixture
def documents() -> None:
    """Documents up to number 7."""
    Document.objects.bulk_create(Document(number=number) for number in (3, 7))


def test_it_tells_what_it_would_do(documents: None):
    """Without --write nothing is written."""
    assert output_of("coupons", "--model", COLUMN) == (
        "Sequence 'coupons' does not exist, and would move to 7, 7 further. "
        "Nothing was written; add --write.\n"
    )
    assert get_last_value("coupons") is None


def test_it_goes_on_behind_the_documents(documents: None):
    """With --write the counter moves; once more finds nothing to do."""
    assert output_of("coupons", "--model", COLUMN, "--write") == (
        "Sequence 'coupons' did not exist, and stands at 7 now, 7 further.\n"
    )
    assert output_of("coupons", "--model", COLUMN, "--write") == (
        "Sequence 'coupons' stands at 7, and no number lies beyond.\n"
    )
    assert get_next_value("coupons") == 8


def test_a_declared_sequence_knows_its_column(documents: None):
    """Its column need not be said again."""
    declared = Sequence("declared_coupons", column=COLUMN)
    output_of("declared_coupons", "--write")
    assert declared.get_next_value() == 8


def test_a_declared_sequence_is_found_on_its_database(documents: None):
    """--database names where it counts, also where only the routers say so."""
    declared = Sequence("coupons_at_home", column=COLUMN)
    output_of("coupons_at_home", "--database", "default", "--write")
    assert declared.get_next_value() == 8


def test_another_counter_can_be_gone_on_from(documents: None):
    """A row of django-sequences under another name is taken over."""
    for _ in range(9):
        get_next_value("old")
    output_of("coupons", "--model", COLUMN, "--counter", "old", "--write")
    assert get_next_value("coupons") == 10


def test_a_refusal_ends_the_command():
    """What the service refuses, the command refuses with the same sentence."""
    papers = Sequence("declared papers", max_value=2, column=COLUMN)
    Document.objects.create(number=3)
    with pytest.raises(CommandError, match="it ends at 2, and the numbers to adopt"):
        output_of("declared papers")
    del papers


def test_a_name_that_is_not_declared():
    """The nearest one is suggested; a plain counter needs a field to be told."""
    coupons = Sequence("declared coupons", column=COLUMN)
    with pytest.raises(CommandError) as refusal:
        output_of("declared coupon")
    assert str(refusal.value) == (
        "No sequence 'declared coupon' is declared with column= in a module "
        "that Django imports, such as an app's models. Did you mean "
        "'declared coupons'? Or name the field of its numbers by --model."
    )
    del coupons


def test_a_part_is_named_by_a_day_and_its_scope():
    """As to the commands of the ledger; all parts at once are refused."""
    with transaction.atomic():
        Bill.objects.create(branch="K1")
    part = ("slips", "--on", "2026-12-31", "--scope", "branch=K1")
    assert output_of(*part) == (
        "Sequence 'slips/2026/K1' stands at 1, and no number lies beyond.\n"
    )
    with pytest.raises(CommandError, match="slips"):
        output_of("slips", "--write")
