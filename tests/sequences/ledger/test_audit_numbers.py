"""AuditNumbers: its flow, and what it finds."""

from datetime import date

import hypothesis.strategies as st
import pytest
from django.db import connection, transaction
from hypothesis import given, settings

from sequences import (
    AllocateNumber,
    AuditNumbers,
    Guarantee,
    InvalidColumn,
    InvalidSequence,
    ReplenishPool,
    Sequence,
    get_next_value,
    get_next_values,
)
from sequences.ledger.findings import Audit, Disorder, Double, Explanation, Gap, Outside
from sequences.ledger.realigning import counters_behind
from sequences.testing import OtherSession
from services import InputError
from tests.documents.models import Document, Receipt
from tests.sequences.flow import flow_of
from tests.sequences.ledger.legacy import day, table
from tests.sequences.marks import (
    autocommit,
    on_postgresql,
    on_sqlite,
    with_row_locks,
)
from tests.sequences.series import COLUMN, drop_source, issue, series


def audit(**options) -> Audit:
    """Audit the legacy table."""
    given = {"table": "invoices", "column": "number", "using": "default"} | options
    return AuditNumbers.run(**given).audit


def audit_papers(**options) -> Audit:
    """Audit the test documents with their counter."""
    return AuditNumbers.run(sequence=Sequence("papers", column=COLUMN), **options).audit


def gaps(audit: Audit) -> list[tuple[int, int]]:
    """Give the ends of the unexplained gaps."""
    return [(gap.first, gap.last) for gap in audit.gaps.listed]


def test_the_flow():
    """Who writes is asked first; then everything is read as it is at one moment."""
    assert flow_of(AuditNumbers) == [
        "find_column",
        "audit_parts if is_apart",
        "look_for_writers",
        "read_extent",
        "read_state if has_sequence",
        "collect_reasons",
        "read_numbers",
        "read_ledger if has_ledger",
        "read_outside if has_outside",
        "report",
    ]


@autocommit
class TestALegacyTable:
    """A bare column, without a counter."""

    def test_exactly_what_was_done_to_it_is_named(self):
        """412 invoices: some deleted, doubled, back-dated, and nothing else."""
        with table() as invoices:
            invoices.write(*range(1, 413))
            invoices.delete([17, 100, 101, 102, 400])
            invoices.write(55, on=day(300))
            invoices.delete([200])
            invoices.write(200, on=date(2008, 12, 31))
            found = audit(order_by="dated")
        assert gaps(found) == [(17, 17), (100, 102), (400, 400)]
        assert found.doubles.listed == (Double(number=55, count=2),)
        assert found.disorder.listed == (
            Disorder(number=200, at="2008-12-31", after=str(day(199))),
        )
        assert (found.missing, found.unexplained, found.is_clean) == (5, 5, False)
        assert (found.documents, found.lowest, found.highest) == (408, 1, 412)

    def test_nothing_is_found_where_all_is_well(self):
        """A clean table is clean, whatever its first number."""
        with table() as invoices:
            invoices.write(*range(7, 40))
            found = audit(order_by="dated")
        assert (found.is_clean, found.unexplained, found.first) == (True, 0, 7)

    def test_an_empty_table_is_clean(self):
        """No document, no number, no finding."""
        with table():
            found = audit()
        assert (found.is_clean, found.documents, found.highest) == (True, 0, None)

    def test_documents_without_a_number_are_counted(self):
        """A draft is no finding."""
        with table() as invoices:
            invoices.write(1, 2, None, None)
            found = audit(order_by="dated")
        assert (found.documents, found.numbered, found.is_clean) == (4, 2, True)

    def test_the_first_number_may_be_told(self):
        """What is missing below the lowest number cannot be known otherwise."""
        with table() as invoices:
            invoices.write(4, 5)
            assert gaps(audit(first=1)) == [(1, 3)]
            assert gaps(audit()) == []

    def test_impossible_numbers_are_named(self):
        """Below zero, or below the first number; gaps are told without them."""
        with table() as invoices:
            invoices.write(-8, 3, 10, 12)
            found = audit(first=10)
        assert found.outside.listed == (Outside(number="-8"), Outside(number="3"))
        assert gaps(found) == [(11, 11)]

    def test_what_passes_the_limit_is_counted(self):
        """A report stays short, and says how much it leaves out."""
        with table() as invoices:
            invoices.write(*range(1, 21, 2), *range(1, 21, 2), -1, -2, -3)
            found = audit(limit=2)
        assert [(kind.count, kind.rest) for kind in (found.gaps, found.doubles)] == [
            (9, 7),
            (10, 8),
        ]
        assert (found.outside.count, found.outside.rest) == (3, 1)
        assert found.missing == 9

    def test_a_double_is_out_of_order_only_by_its_earliest_date(self):
        """A copy made later does not put all that follow out of order."""
        with table() as invoices:
            invoices.write(1, 2, 3)
            invoices.write(1, on=day(900))
            found = audit(order_by="dated")
        assert (found.doubles.count, found.disorder.count) == (1, 0)

    def test_the_largest_numbers(self):
        """No arithmetic overflows at the ends."""
        with table(kind="bigint") as invoices:
            invoices.write(0, 2**63 - 1)
            assert gaps(audit()) == [(1, 2**63 - 2)]

    @pytest.mark.parametrize("kind", ["numeric(20, 2)", "decimal(10, 0)"])
    def test_decimals_that_are_whole_are_numbers(self, kind):
        """Old systems keep numbers in such columns."""
        with table(kind=kind) as invoices:
            invoices.write(1, 2, 5)
            assert gaps(audit()) == [(3, 4)]

    @on_sqlite
    def test_text_among_the_numbers_is_impossible(self):
        """A column of SQLite holds what one puts in."""
        with table() as invoices:
            invoices.write(1, 2)
            invoices.run("INSERT INTO {table} VALUES ('INV-3', '2009-01-01')")
            assert audit().outside.listed == (Outside(number="INV-3"),)

    @pytest.mark.parametrize(
        ("name", "column"),
        [
            ("in voices", "num ber"),
            ('in"voices', 'num"ber'),
            ("in`voices", "num`ber"),
            ("in%svoices", "num%(x)sber"),
            ("in{x}voices", "num{}ber"),
            ("select", "from"),
            ("x; DROP TABLE documents_document; --", "'; --"),
        ],
    )
    def test_any_name_is_quoted(self, name, column):
        """Names are the database's own, however they look."""
        with table(name, column) as invoices:
            invoices.write(1, 3)
            found = audit(table=name, column=column, order_by="dated")
        assert gaps(found) == [(2, 2)]


@autocommit
@settings(max_examples=60)
@given(
    missing=st.sets(st.integers(2, 79)),
    doubled=st.lists(st.integers(1, 80), max_size=5),
    step=st.integers(1, 3),
)
def test_exactly_the_planted_gaps_are_found(missing, doubled, step):
    """Whatever is taken out or doubled, that is found, and nothing else."""
    values = {index: 5 + (index - 1) * step for index in range(1, 81)}
    there = sorted(set(values) - missing)
    doubled = [index for index in doubled if index in there]
    with table() as invoices:
        invoices.write(*(values[index] for index in [*there, *doubled]))
        found = audit(sequence=Sequence("x", 5, increment=step), order_by="dated")
    named = {
        number
        for gap in found.gaps.listed
        for number in range(gap.first, gap.last + 1, step)
    }
    assert named == {values[index] for index in missing}
    assert found.missing == len(missing) == sum(part.missing for part in found.parts)
    assert {it.number: it.count for it in found.doubles.listed} == {
        values[index]: 1 + doubled.count(index) for index in doubled
    }
    assert not found.disorder.count
    assert not found.outside.count


@autocommit
class TestASequence:
    """A declared sequence, with its counter."""

    def test_a_series_in_use_is_clean(self):
        """What AllocateNumber gave out, and a rollback gave back."""
        for _ in range(3):
            with transaction.atomic():
                Document.objects.create(
                    number=AllocateNumber.run(sequence="papers").value
                )
        with transaction.atomic():
            AllocateNumber.run(sequence="papers")
            transaction.set_rollback(True)
        found = audit_papers()
        assert (found.is_clean, found.given_out, found.behind) == (True, 3, 0)

    def test_a_counter_behind_its_documents_is_told(self):
        """As after a restore: it would give out numbers that exist."""
        get_next_values(3, "papers")
        Document.objects.bulk_create(Document(number=n) for n in range(1, 8))
        found = audit_papers()
        assert (found.given_out, found.behind, found.unexplained) == (3, 4, 1)

    def test_an_inherited_number_is_looked_for_where_it_is_stored(self):
        """A column of a parent's table holds the numbers of all its children."""
        receipts = Sequence("receipts", column="documents.Receipt.number")
        Receipt.objects.create(number=1)
        Document.objects.create(number=3)
        found = AuditNumbers.run(sequence=receipts).audit
        assert (found.table, gaps(found)) == ("documents_document", [(2, 2)])

    def test_without_a_counter_all_documents_are_ahead(self):
        """It would begin with the first number."""
        Document.objects.bulk_create(Document(number=n) for n in (1, 2))
        assert audit_papers().behind == 2

    def test_numbers_at_both_ends_are_missed(self):
        """From its first number to the last that was given out."""
        get_next_values(6, "papers")
        Document.objects.bulk_create(Document(number=n) for n in (3, 4))
        assert gaps(audit_papers()) == [(1, 2), (5, 6)]

    def test_given_out_and_on_no_document_at_all(self):
        """A table without documents does not hide it."""
        get_next_values(6, "papers")
        assert gaps(audit_papers()) == [(1, 6)]

    def test_above_the_end_is_impossible(self):
        """A typing error is no reason for a million gaps."""
        sequence = Sequence("papers", max_value=9, column=COLUMN)
        get_next_values(2, "papers")
        Document.objects.bulk_create(Document(number=n) for n in (1, 2, 99999))
        found = AuditNumbers.run(sequence=sequence).audit
        assert found.outside.listed == (Outside(number="99999"),)
        assert (found.gaps.count, found.behind) == (0, 0)

    def test_a_field_orders_the_documents(self):
        """``order_by`` may be the name of a field."""
        get_next_values(2, "papers")
        Document.objects.create(number=1, day=5)
        Document.objects.create(number=2, day=4)
        [found] = audit_papers(order_by="day").disorder.listed
        assert found == Disorder(number=2, at="4", after="5")

    def test_blocks_may_be_in_memory(self):
        """Above the newest document, a process may hold the number."""
        get_next_values(10, "papers")
        Document.objects.bulk_create(Document(number=n) for n in (1, 2, 4))
        found = AuditNumbers.run(sequence=series(Guarantee.BLOCKS)).audit
        assert gaps(found) == [(3, 3)]
        assert found.explained.listed == (
            Gap(first=5, last=10, count=6, explanation=Explanation.RESERVED),
        )

    @with_row_locks
    def test_what_an_open_transaction_holds_may_be_still_open(
        self, other: OtherSession
    ):
        """The number was taken for good, its document is not committed yet."""
        Document.objects.create(number=get_next_value("papers"))
        number = get_next_value("papers")
        other.begin()
        other.run(Document.objects.create, number=number)
        found = audit_papers()
        other.rollback()
        assert (found.is_clean, found.writers) == (True, 1)
        assert found.explained.listed == (
            Gap(first=2, last=2, count=1, explanation=Explanation.OPEN),
        )

    def test_once_nobody_writes_it_is_missing(self):
        """The number was taken for good, and its document never came."""
        Document.objects.create(number=get_next_value("papers"))
        get_next_value("papers")
        assert gaps(audit_papers()) == [(2, 2)]

    @with_row_locks
    def test_an_open_serial_number_is_no_gap(self, other: OtherSession):
        """Its counter moves when its document is committed, and not before."""
        other.begin()
        other.run(AllocateNumber.run, sequence="papers")
        assert audit_papers().is_clean
        other.rollback()


@autocommit
@with_row_locks
@pytest.mark.usefixtures("fresh_source")
class TestAPool:
    """A pooled sequence."""

    def test_free_numbers_are_explained(self):
        """At every moment: drawn and open, rolled back, and free again."""
        papers = series(Guarantee.POOLED, block_size=4)
        for rolls_back in (False, True, False):
            issue(papers, fails=rolls_back)
        assert AuditNumbers.run(sequence=papers).audit.is_clean
        for _ in range(3):
            ReplenishPool.run(sequence=papers)
        found = AuditNumbers.run(sequence=papers).audit
        assert found.is_clean
        assert {gap.explanation for gap in found.explained.listed} <= {
            Explanation.POOLED
        }

    @on_postgresql
    def test_what_was_drawn_is_not_settled_at_once(self):
        """Before it is certain that its transaction ended, no one can tell."""
        papers = series(Guarantee.POOLED)
        for rolls_back in (True, False):
            issue(papers, fails=rolls_back)
        [gap] = AuditNumbers.run(sequence=papers).audit.explained.listed
        assert gap == Gap(first=1, last=1, count=1, explanation=Explanation.UNSETTLED)

    @on_postgresql
    def test_a_source_that_was_dropped_keeps_nobody_from_looking(self):
        """It is begun anew behind the documents, so that no check calls it behind."""
        papers = series(Guarantee.POOLED, block_size=4)
        for _ in range(3):
            issue(papers)
        drop_source(papers)

        assert AuditNumbers.run(sequence=papers).audit.is_clean
        assert list(counters_behind(papers)) == []
        ReplenishPool.run(sequence=papers)
        assert issue(papers) == 4

    def test_a_deleted_document_is_not_explained(self):
        """Its number was settled: the pool does not have it."""
        papers = series(Guarantee.POOLED, block_size=4)
        for _ in range(3):
            issue(papers)
        for _ in range(3):
            ReplenishPool.run(sequence=papers)
        Document.objects.get(number=2).delete()
        assert gaps(AuditNumbers.run(sequence=papers).audit) == [(2, 2)]


@autocommit
class TestOneMoment:
    """What the audit leaves alone."""

    def test_no_transaction_is_left_open(self):
        """The next statement sees what is new."""
        with table():
            audit()
            assert not connection.in_atomic_block
            assert connection.get_autocommit()

    def test_inside_of_a_transaction_it_sees_what_that_has_written(self):
        """It takes part, and changes nothing about it."""
        with table() as invoices, transaction.atomic():
            invoices.write(1, 3)
            assert gaps(audit()) == [(2, 2)]
            invoices.write(2)
            assert audit().is_clean


@autocommit
class TestRefusals:
    """What cannot be audited, and why."""

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            (
                {"table": "invoice"},
                (
                    "Table 'invoice': there is no table 'invoice'. Did you mean "
                    "'invoices'?"
                ),
            ),
            (
                {"table": "INVOICES"},
                (
                    "Table 'INVOICES': there is no table 'INVOICES'. Did you mean "
                    "'invoices'?"
                ),
            ),
            (
                {"column": "numbre"},
                (
                    "Column 'invoices.numbre': there is no column 'numbre'. Did you "
                    "mean 'number'?"
                ),
            ),
            (
                {"order_by": "date"},
                (
                    "Column 'invoices.date': there is no column 'date'. Did you mean "
                    "'dated'?"
                ),
            ),
            (
                {"table": "x'; DROP TABLE invoices; --"},
                (
                    'Table "x\'; DROP TABLE invoices; --": there is no table '
                    '"x\'; DROP TABLE invoices; --".'
                ),
            ),
            ({"column": None}, "Table 'invoices': name its column as well."),
            (
                {"table": None, "column": "documents.Document.nummer"},
                (
                    "Column 'documents.Document.nummer': there is no such field. Write "
                    "it as 'app.Model.field'."
                ),
            ),
            (
                {"table": None, "column": None},
                "No column: name a sequence, or a table and its column.",
            ),
        ],
    )
    def test_a_column_that_is_not_there(self, options, sentence):
        """The nearest name is suggested, and nothing has been run."""
        with table() as invoices:
            invoices.write(1)
            with pytest.raises(InvalidColumn) as refusal:
                audit(**options)
            assert audit().documents == 1
        assert str(refusal.value) == sentence

    @with_row_locks
    def test_a_column_that_holds_no_numbers(self):
        """A date is no number."""
        with table(), pytest.raises(InvalidColumn) as refusal:
            audit(column="dated")
        assert str(refusal.value) == (
            "Column 'invoices.dated': it holds no whole numbers: to Django it is a "
            "DateField."
        )

    def test_numbers_that_meet_again(self):
        """They are double by intent."""
        with pytest.raises(InvalidSequence) as refusal:
            AuditNumbers.run(sequence=Sequence("x", 1, 9, column=COLUMN))
        assert str(refusal.value) == (
            "Sequence 'x': it loops, so that its numbers meet again in their column: "
            "neither gaps nor the last number can be told from it."
        )

    @pytest.mark.parametrize("options", [{"first": -1}, {"limit": -1}])
    def test_impossible_inputs(self, options):
        """They are refused before anything is read."""
        with pytest.raises(InputError):
            audit(**options)
