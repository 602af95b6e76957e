"""AdoptNumbers: its flow, and where a sequence goes on."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from sequences import (
    AdoptNumbers,
    AllocateNumber,
    AuditNumbers,
    ClaimNumber,
    CloseSequence,
    CounterBehind,
    DocumentsAhead,
    Guarantee,
    InvalidColumn,
    InvalidSequence,
    Sequence,
    SequenceClosed,
    SetCounter,
    get_last_value,
    get_next_value,
    get_next_values,
)
from sequences.ledger.terminal import adopted
from sequences.models import Sequence as Counter
from sequences.testing import OtherSession
from services import Failure
from tests.documents.models import Bill, Document, bill_numbers
from tests.sequences.flow import flow_of
from tests.sequences.ledger.legacy import day, table
from tests.sequences.marks import (
    autocommit,
    on_postgresql,
    with_isolation_levels,
    with_row_locks,
)
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

    @on_postgresql
    def test_a_dry_run_holds_no_cursor_beyond_a_transaction(self):
        """Behind a pooler, the session of the next transaction is another one."""
        texts = Sequence("texts", format="T-{value:05d}", column="documents.Bill.code")
        held = []

        def watch(execute: Any, statement: str, *rest: Any) -> Any:
            if "ORDER BY" in statement and Bill._meta.db_table in statement:
                held.append(not connection.in_atomic_block)
            return execute(statement, *rest)

        with connection.execute_wrapper(watch):
            AdoptNumbers.run(sequence=texts, dry_run=True)

        assert held == [False]

    def test_without_documents_nothing_moves(self):
        """There is nothing to adopt."""
        done = AdoptNumbers.run(sequence="papers", column=COLUMN)
        assert (done.before, done.after, done.moved) == (None, None, False)
        assert get_last_value("papers") is None

    def test_numbers_it_cannot_have_do_not_count(self):
        """Those below its start, or between its steps: it never gives them out."""
        Document.objects.bulk_create(Document(number=n) for n in (5, 20, 37))
        tens = Sequence("tens", 10, increment=10, column=COLUMN)
        assert AdoptNumbers.run(sequence=tens).after == 20
        assert tens.get_next_value() == 30
        thousands = Sequence("thousands", 1_000, column=COLUMN)
        assert AdoptNumbers.run(sequence=thousands).moved is False
        assert thousands.get_next_value() == 1_000

    def test_a_part_counts_in_its_steps_too(self):
        """As the whole series does."""
        with transaction.atomic():
            Bill.objects.bulk_create([Bill(), Bill()])
        tens = Sequence(
            "tens",
            10,
            increment=10,
            period="year",
            scope=("branch",),
            format="T-{period:%Y}-{scope.branch}-{value:03d}",
            column="documents.Bill.number",
        )
        part = tens.of(on=date(2026, 5, 4), scope={"branch": "K1"})
        assert AdoptNumbers.run(sequence=part).after is None
        Bill.objects.filter(number=2).update(number=20)
        Bill.objects.filter(number=1).update(number=37)
        assert AdoptNumbers.run(sequence=part).after == 20

    def test_a_move_within_a_step_is_told(self):
        """The counter stood beside the steps: no number lies between, yet it moves."""
        with transaction.atomic():
            SetCounter.run(sequence="tens", last=15)
        Document.objects.create(number=20)
        tens = Sequence("tens", 10, increment=10, column=COLUMN)
        done = AdoptNumbers.run(sequence=tens)
        assert (done.by, done.moved) == (0, True)
        assert adopted("tens", done) == (
            "Sequence 'tens' stood at 15, and stands at 20 now, 0 further."
        )

    def test_printed_numbers_are_read(self):
        """As the format of the sequence says; one that it did not print is refused."""
        with transaction.atomic():
            Bill.objects.bulk_create([Bill(), Bill()])
        Bill.objects.filter(number=1).update(code="T-00041")
        Bill.objects.filter(number=2).update(code="T-00007")
        texts = Sequence("texts", format="T-{value:05d}", column="documents.Bill.code")
        assert AdoptNumbers.run(sequence=texts).after == 41
        Bill.objects.filter(number=2).update(code="T-42")
        with pytest.raises(InvalidColumn) as refusal:
            AdoptNumbers.run(sequence=texts)
        assert str(refusal.value) == (
            "Column 'documents_bill.code': 'T-42' in it is not printed as "
            "'T-{value:05d}', so nobody can tell where to go on. Put it right, or "
            "adopt from a view that gives the numbers alone."
        )

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

    def test_a_counter_that_stands_at_the_documents(self):
        """None of them has passed it."""
        get_next_values(9, "old papers")
        Document.objects.create(number=9)
        done = AdoptNumbers.run(sequence="papers", column=COLUMN, counter="old papers")
        assert done.after == 9

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

    def test_a_closed_sequence(self):
        """It stays closed, and its marker is shown to nobody."""
        papers = Sequence("papers", column=COLUMN, ledger=True)
        CloseSequence.run(sequence=papers, reason="the end")
        Document.objects.create(number=9)
        for dry_run in (True, False):
            with pytest.raises(SequenceClosed):
                AdoptNumbers.run(sequence=papers, dry_run=dry_run)

    @with_row_locks
    @pytest.mark.usefixtures("fresh_source")
    def test_a_pool_that_has_begun(self):
        """Its free numbers may be on documents by now: it would give them out again."""
        # On PostgreSQL its native sequence outlives the test: a name of its own.
        pooled = Sequence(
            "begun pool", guarantee=Guarantee.POOLED, block_size=10, column=COLUMN
        )
        with transaction.atomic():
            ClaimNumber.run(sequence=pooled)
        Document.objects.bulk_create(Document(number=n) for n in (2, 50))
        with pytest.raises(InvalidSequence) as refusal:
            AdoptNumbers.run(sequence=pooled)
        assert str(refusal.value) == (
            "Sequence 'begun pool': its pool has begun, and gives out numbers that "
            "documents may bear. Declare it under another name, and adopt before its "
            "first number is claimed."
        )

    @with_isolation_levels
    def test_a_transaction_that_sees_old_documents(self):
        """What was committed since it began to read would be given out again."""
        with OtherSession(isolation_level="REPEATABLE READ") as session:
            done = session.run(AdoptNumbers.run, sequence="papers", column=COLUMN)
            assert done.after is None
            session.begin()
            adopting = session.start(AdoptNumbers.run, sequence="papers", column=COLUMN)
            with pytest.raises(InvalidSequence) as refusal:
                adopting.result()
        assert str(refusal.value) == (
            "Sequence 'papers': the open transaction is REPEATABLE READ, and may not "
            "see the newest documents. Adopt outside of transaction.atomic()."
        )

    @pytest.mark.parametrize(
        ("kind", "written", "told"),
        [
            ("varchar(20)", "INV-412", "'1'"),
            ("real", 412.5, "'1.0'"),
            ("integer", -3, "'-3'"),
        ],
    )
    def test_what_cannot_be_counted(self, kind: str, written: Any, told: str):
        """Nobody can tell whether the next number lies beyond it."""
        with table(kind=kind) as invoices:
            invoices.write(1, on=day(1))
            invoices.write(written, on=day(1))
            with pytest.raises(InvalidColumn) as refusal:
                AdoptNumbers.run(sequence="invoices", **INVOICES)
        if kind == "integer" or connection.vendor == "sqlite":
            assert str(refusal.value) == (
                f"Column 'invoices.number': {told} in it is not stored as a whole "
                f"number from 0 to 2**63 - 1, so nobody can tell where to go on. Put "
                f"it right, or adopt from a view that gives the numbers alone."
            )
        assert get_last_value("invoices") is None

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
