"""AdoptNumbers: its flow, and where a sequence goes on."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from sequences import (
    AdoptNumbers,
    AllocateNumber,
    AuditNumbers,
    CounterBehind,
    DocumentsAhead,
    Guarantee,
    InvalidColumn,
    InvalidSequence,
    Sequence,
    get_last_value,
    get_next_value,
    get_next_values,
)
from sequences.models import Sequence as Counter
from sequences.testing import OtherSession
from services import Failure
from tests.documents.models import Bill, Document, bill_numbers
from tests.sequences.flow import flow_of
from tests.sequences.ledger.legacy import table
from tests.sequences.marks import autocommit, on_postgresql
from tests.sequences.series import COLUMN

INVOICES: dict[str, Any] = {"table": "invoices", "column": "number"}


def test_the_flow():
    """The counter is held while documents are read; a dry run holds and moves none."""
    assert flow_of(AdoptNumbers) == [
        "validate",
        "lock unless is_dry",
        "look if is_dry",
        "read_documents unless is_part",
        "read_documents_of_part if is_part",
        "choose_documents unless has_source",
        "choose_source if has_source",
        "check_direction",
        "move if is_to_move",
    ]


@autocommit
def test_a_part_goes_on_by_itself():
    """After a restore, say, each year and branch is realigned, and no other moves."""
    with transaction.atomic():
        for branch in ("K1", "K1", "K2"):
            Bill.objects.create(branch=branch)
    Counter.objects.update(last=0)
    part = bill_numbers.of(on=date(2026, 5, 4), scope={"branch": "K1"})
    with transaction.atomic(), pytest.raises(IntegrityError):
        Bill.objects.create(branch="K1")

    told = AdoptNumbers.run(sequence=part, dry_run=True)
    done = AdoptNumbers.run(sequence=part)

    assert (told.before, told.after, told.by, told.moved) == (0, 2, 2, False)
    assert (done.before, done.after, done.by, done.moved) == (0, 2, 2, True)
    assert get_last_value("slips/2026/K2") == 0
    with transaction.atomic():
        assert Bill.objects.create(branch="K1").number == 3


@autocommit
class TestDocuments:
    """Going on from a column."""

    def test_issuing_goes_on_behind_them(self):
        """412 invoices, some of them gone: the next is 413."""
        with table() as invoices:
            invoices.write(*range(1, 413))
            invoices.delete([17, 100, 101])
            done = AdoptNumbers.run(sequence="invoices", **INVOICES)
            with transaction.atomic():
                assert AllocateNumber.run(sequence="invoices").value == 413
            invoices.write(413)
            found = AuditNumbers.run(sequence="invoices", **INVOICES).audit
        assert (done.before, done.after, done.by, done.moved) == (None, 412, 412, True)
        assert (found.missing, found.behind) == (3, 0)

    def test_a_sequence_knows_its_column(self):
        """What is declared is not said twice."""
        get_next_values(3, "papers")
        Document.objects.create(number=9)
        done = AdoptNumbers.run(sequence=Sequence("papers", column=COLUMN))
        assert (done.before, done.after, done.by) == (3, 9, 6)
        assert get_next_value("papers") == 10

    def test_again_is_no_change(self):
        """It may be run as often as one likes."""
        Document.objects.create(number=9)
        AdoptNumbers.run(sequence="papers", column=COLUMN)
        done = AdoptNumbers.run(sequence="papers", column=COLUMN)
        assert (done.before, done.after, done.by, done.moved) == (9, 9, 0, False)

    def test_a_dry_run_only_tells(self):
        """What would be, and nothing of it is."""
        Document.objects.create(number=9)
        done = AdoptNumbers.run(sequence="papers", column=COLUMN, dry_run=True)
        assert (done.before, done.after, done.by, done.moved) == (None, 9, 9, False)
        assert get_last_value("papers") is None

    def test_without_documents_nothing_moves(self):
        """There is nothing to adopt."""
        done = AdoptNumbers.run(sequence="papers", column=COLUMN)
        assert (done.before, done.after, done.moved) == (None, None, False)
        assert get_last_value("papers") is None

    def test_it_counts_in_steps(self):
        """``by`` is a number of numbers."""
        Document.objects.create(number=21)
        sequence = Sequence("papers", 1, increment=10, column=COLUMN)
        assert AdoptNumbers.run(sequence=sequence).by == 3
        assert sequence.get_next_value() == 31

    def test_nobody_takes_a_number_in_between(self, other: OtherSession):
        """The next caller waits, and goes on from the new number."""
        get_next_value("papers")
        Document.objects.create(number=9)
        with transaction.atomic():
            run = AdoptNumbers.stepper(sequence="papers", column=COLUMN)
            run.until("move")
            theirs = other.start(get_next_value, "papers")
            other.wait_until_blocked()
            run.finish()
        assert theirs.result() == 10


@autocommit
class TestAnotherSource:
    """Going on from a counter, or from the database's own sequence."""

    def test_a_counter_of_another_name(self):
        """As django-sequences left it."""
        get_next_values(12, "old papers")
        Document.objects.create(number=9)
        done = AdoptNumbers.run(sequence="papers", column=COLUMN, counter="old papers")
        assert (done.after, get_next_value("papers")) == (12, 13)

    def test_documents_that_have_passed_it(self):
        """They are ahead, by so many: nothing moves."""
        get_next_values(4, "old papers")
        Document.objects.create(number=9)
        outcome = AdoptNumbers.attempt(
            sequence="papers", column=COLUMN, counter="old papers"
        )
        assert isinstance(outcome, Failure)
        assert isinstance(outcome.error, DocumentsAhead)
        assert str(outcome.error) == (
            "Sequence 'papers' cannot go on from counter 'old papers': it stands at 4, "
            "and the documents are ahead of it by 5, at 9. Adopt the numbers of the "
            "documents instead."
        )
        assert get_last_value("papers") is None

    @on_postgresql
    def test_a_sequence_of_the_database(self):
        """The same holds for it."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE SEQUENCE old_numbers START 40")
        try:
            Document.objects.create(number=9)
            with pytest.raises(DocumentsAhead):
                AdoptNumbers.run(sequence="papers", column=COLUMN, native="old_numbers")
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval('old_numbers')")
            AdoptNumbers.run(sequence="papers", column=COLUMN, native="old_numbers")
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP SEQUENCE old_numbers")
        assert get_next_value("papers") == 41


@autocommit
class TestRefusals:
    """What moves nothing."""

    def test_backward(self):
        """The counter has passed the documents: numbers would come twice."""
        get_next_values(12, "papers")
        Document.objects.create(number=9)
        with pytest.raises(CounterBehind) as refusal:
            AdoptNumbers.run(sequence="papers", column=COLUMN)
        assert (refusal.value.before, refusal.value.after) == (12, 9)
        assert get_last_value("papers") == 12

    @pytest.mark.parametrize(
        ("sequence", "options", "reason"),
        [
            (
                Sequence("papers", 1, 99),
                {},
                (
                    "it loops, so that its numbers meet again in their column: neither "
                    "gaps nor the last number can be told from it."
                ),
            ),
            (
                Sequence("papers", guarantee=Guarantee.NATIVE),
                {},
                "it is declared as NATIVE: the database counts it, not we.",
            ),
            (
                Sequence("papers", max_value=8),
                {},
                "it ends at 8, and the numbers to adopt go up to 9.",
            ),
            (
                "papers",
                {"native": "x", "counter": "y"},
                "adopt from native or from counter, not both.",
            ),
        ],
    )
    def test_a_sequence_that_cannot(self, sequence, options, reason):
        """It is told why, and no counter begins to exist."""
        Document.objects.create(number=9)
        with pytest.raises(InvalidSequence) as refusal:
            AdoptNumbers.run(sequence=sequence, column=COLUMN, **options)
        assert str(refusal.value) == f"Sequence 'papers': {reason}"
        assert get_last_value("papers") is None

    def test_a_column_that_is_not_there(self):
        """Nothing to adopt from."""
        with pytest.raises(InvalidColumn):
            AdoptNumbers.run(sequence="papers", table="papers", column="number")
