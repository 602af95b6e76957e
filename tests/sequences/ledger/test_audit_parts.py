"""AuditNumbers of series that count by period or scope: each part for itself."""

from datetime import date

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import given, settings

from sequences import (
    AuditNumbers,
    Calendar,
    Format,
    InvalidColumn,
    InvalidSequence,
    NumberDocument,
    Sequence,
    get_next_values,
)
from sequences.ledger.audit_parts import AuditParts
from sequences.ledger.findings import Audit, Disorder, Double, Explanation, Gap, Outside
from sequences.testing import OtherSession
from tests.documents.models import Bill, bill_numbers
from tests.sequences.flow import flow_of
from tests.sequences.ledger.legacy import table
from tests.sequences.marks import autocommit, with_row_locks

YEARS = Calendar(unit="year")
YEARLY = Format("INV-{period:%Y}-{value:04d}", calendar=YEARS)
PER_BRANCH = Format(
    "{value:03d}/{scope.branch}-{period:%Y%m}",
    calendar=Calendar(unit="month"),
    scope=("branch",),
    overflow="widen",
)
CHECKED = Format("{check:rf}{value:06d}")
DAY = date(2026, 5, 4)


def audit(**options) -> Audit:
    """Audit the legacy table by its text."""
    given = {"table": "invoices", "column": "number", "using": "default"} | options
    return AuditNumbers.run(**given).audit


def gaps(audit: Audit) -> list[tuple[str | None, int, int]]:
    """Give the unexplained gaps: their part, and their ends."""
    return [(gap.part, gap.first, gap.last) for gap in audit.gaps.listed]


def yearly(year: int, *numbers: int) -> list[str]:
    """Print numbers of a year."""
    return [f"INV-{year}-{number:04d}" for number in numbers]


def bills(*days_and_branches: tuple[int, str]) -> list[Bill]:
    """Issue bills."""
    with transaction.atomic():
        Bill.objects.bulk_create(
            Bill(day=date(year, 6, 1), branch=branch)
            for year, branch in days_and_branches
        )
    # MySQL does not tell bulk_create the keys.
    newest = Bill.objects.order_by("-pk")[: len(days_and_branches)]
    return list(newest)[::-1]


def test_the_flow():
    """What tells the parts is found first; all is read as it is at one moment."""
    assert flow_of(AuditParts) == [
        "find_parts",
        "look_for_writers",
        "read_counters if has_sequence",
        "read_pools if is_pooled",
        "read_voids if has_ledger",
        "read_rows",
        "sum_up_parts",
        "read_ledger if has_ledger",
        "report",
    ]


@autocommit
class TestText:
    """A legacy table whose only number is the printed one."""

    def test_exactly_what_was_done_to_it_is_named(self):
        """412 invoices of three years: deleted, doubled, back-dated, and no more."""
        with table(kind="varchar(40)") as invoices:
            for year, count in ((2024, 200), (2025, 150), (2026, 62)):
                for number in range(1, count + 1):
                    if (year, number) not in {(2024, 17), (2025, 1), (2025, 100)}:
                        invoices.write(*yearly(year, number), on=date(year, 1, 1))
            invoices.write(*yearly(2025, 55), on=date(2025, 2, 1))
            invoices.write(*yearly(2026, 63), on=date(2025, 12, 31))
            invoices.write("INV-2026-0", "proforma", None, on=DAY)
            found = audit(format=YEARLY, order_by="dated", first=1)
        assert gaps(found) == [("2024", 17, 17), ("2025", 1, 1), ("2025", 100, 100)]
        assert found.doubles.listed == (Double(number=55, count=2, part="2025"),)
        assert found.disorder.listed == (
            Disorder(number=63, at="2025-12-31", after="2026-01-01", part="2026"),
        )
        assert {each.number for each in found.outside.listed} == {
            "INV-2026-0",
            "proforma",
        }
        assert (found.documents, found.numbered, found.unexplained) == (414, 413, 7)
        assert [
            (part.part, part.numbered, part.lowest, part.highest, part.missing)
            for part in found.by_part.listed
        ] == [
            ("2024", 199, 1, 200, 1),
            ("2025", 149, 2, 150, 2),
            ("2026", 63, 1, 63, 0),
        ]

    @settings(max_examples=40)
    @given(
        st.dictionaries(
            st.tuples(st.sampled_from("ABab"), st.integers(1, 12)),
            st.sets(st.integers(2, 1_100), min_size=1, max_size=30),
            max_size=6,
        )
    )
    def test_exactly_the_planted_gaps_are_found(self, there):
        """However many digits numbers have, and wherever in the text they stand."""
        with table(kind="varchar(40)") as invoices:
            for (branch, month), numbers in there.items():
                period = PER_BRANCH.calendar.period_of(date(2026, month, 1))
                scope = {"branch": branch}
                for number in numbers:
                    text = PER_BRANCH.print(number, period=period, scope=scope)
                    invoices.write(text, on=DAY)
            found = audit(format=PER_BRANCH, first=1, limit=10_000)
        assert {
            (gap.part, number)
            for gap in found.gaps.listed
            for number in range(gap.first, gap.last + 1)
        } == {
            (f"2026-{month:02d}/{branch}", number)
            for (branch, month), numbers in there.items()
            for number in set(range(1, max(numbers))) - numbers
        }
        assert not found.outside.count
        for part in found.by_part.listed:
            assert sum(each.missing for each in part.parts) == part.missing
            assert sum(each.count for each in part.parts) == part.highest

    def test_a_check_digit_in_front_does_not_put_them_out_of_order(self):
        """References begin with it, and so are in no order as text."""
        with table(kind="varchar(40)") as invoices:
            for number in (*range(1, 40), 41):
                invoices.write(CHECKED.print(number), on=DAY)
            found = audit(format=CHECKED)
        assert gaps(found) == [(None, 40, 40)]
        assert (found.lowest, found.highest, found.by_part.count) == (1, 41, 0)
        assert found.unexplained == 1

    def test_a_wrong_check_digit_is_outside(self):
        """It was not printed by the format."""
        right = CHECKED.print(7)
        wrong = f"{right[:2]}{(int(right[2:4]) + 1) % 100:02d}{right[4:]}"
        with table(kind="varchar(40)") as invoices:
            invoices.write(right, wrong, on=DAY)
            found = audit(format=CHECKED)
        assert found.outside.listed == (Outside(number=wrong),)

    def test_text_of_a_fixed_width_is_padded_by_the_database(self):
        """Blanks behind it are no part of it."""
        with table(kind="char(20)") as invoices:
            invoices.write(*yearly(2026, 1, 3), on=DAY)
            assert gaps(audit(format=YEARLY)) == [("2026", 2, 2)]

    @pytest.mark.parametrize("printed", [CHECKED, YEARLY])
    def test_documents_without_a_number_are_counted(self, printed: Format):
        """Whether or not the text tells parts."""
        with table(kind="varchar(40)") as invoices:
            invoices.write(printed.print(1, period=YEARS.period_of(DAY)), None, on=DAY)
            found = audit(format=printed)
        assert (found.documents, found.numbered) == (2, 1)

    def test_parts_of_which_nothing_is_known_begin_with_their_lowest(self):
        """As a bare column does."""
        with table(kind="varchar(40)") as invoices:
            invoices.write(*yearly(2025, 7, 9), *yearly(2026, 1, 2), on=DAY)
            assert gaps(audit(format=YEARLY)) == [("2025", 8, 8)]

    def test_what_passes_the_limit_is_counted(self):
        """Findings and parts alike."""
        with table(kind="varchar(40)") as invoices:
            for year in range(2020, 2026):
                invoices.write(*yearly(year, 2), on=DAY)
            found = audit(format=YEARLY, first=1, limit=2)
        assert (found.gaps.count, found.gaps.rest, found.missing) == (6, 4, 6)
        assert (found.by_part.count, found.by_part.rest) == (6, 4)

    def test_an_empty_table_is_clean(self):
        """No document, no part, no finding."""
        with table(kind="varchar(40)"):
            found = audit(format=YEARLY)
        assert (found.is_clean, found.by_part.count) == (True, 0)


@autocommit
class TestColumns:
    """Parts that are told by columns beside the number."""

    def test_any_columns_will_do(self):
        """Their values are the part; NULL is a value."""
        with table() as invoices:
            invoices.run("ALTER TABLE {table} ADD COLUMN year integer")
            invoices.run("ALTER TABLE {table} ADD COLUMN branch varchar(9)")
            for number, year, branch in (
                (1, 2025, "A/1"),
                (3, 2025, "A/1"),
                (3, 2025, "A/1"),
                (1, 2026, "A/1"),
                (2, 2026, "A/1"),
                (-4, 2026, "A/1"),
            ):
                invoices.run(
                    f"INSERT INTO {{table}} VALUES "
                    f"({number}, '2026-01-01', {year}, '{branch}')"
                )
            found = audit(by=("year", "branch"), order_by="dated")
        assert gaps(found) == [("2025/A%2F1", 2, 2)]
        assert found.doubles.listed == (Double(number=3, count=2, part="2025/A%2F1"),)
        assert found.outside.listed == (Outside(number="-4"),)

    @pytest.mark.parametrize("kind", ["numeric(20, 2)", "bigint"])
    def test_numbers_of_any_kind(self, kind):
        """Decimals that are whole are numbers."""
        with table(kind=kind) as invoices:
            invoices.write(1, 4, on=DAY)
            assert gaps(audit(by=("dated",))) == [("2026-05-04", 2, 3)]

    def test_a_scope_that_the_text_does_not_show(self):
        """Text and columns together tell the part."""
        hidden = Format("N{value:03d}", scope=("seller",))
        with table(kind="varchar(40)") as invoices:
            invoices.write("N001", "N003", on=DAY)
            found = audit(format=hidden, by=("dated",))
            with pytest.raises(InvalidColumn) as refusal:
                audit(format=hidden)
        assert gaps(found) == [("2026-05-04", 2, 2)]
        assert str(refusal.value) == (
            "Column 'invoices.number': its text does not show the seller. Say by= what "
            "does."
        )


@autocommit
class TestASequence:
    """A declared series, with the counters of its parts."""

    def test_a_series_in_use_is_clean(self):
        """Whatever its parts."""
        bills((2025, "K1"), (2026, "K1"), (2026, "K2"), (2026, "K1"))
        found = AuditNumbers.run(sequence=bill_numbers, order_by="day").audit
        assert (found.is_clean, found.documents, found.behind) == (True, 4, 0)
        assert [
            (part.part, part.highest, part.given_out) for part in found.by_part.listed
        ] == [("2025/K1", 1, 1), ("2026/K1", 2, 2), ("2026/K2", 1, 1)]

    @pytest.mark.parametrize("column", [None, "documents.Bill.code"])
    def test_gaps_are_told_of_each_part(self, column):
        """By period and scope beside the number, as by its text alone."""
        issued = bills(*[(2025, "K1")] * 3, *[(2026, "K1")] * 3, *[(2026, "K2")] * 3)
        for number in (0, 4, 8):  # the first, one between, the newest
            issued[number].delete()
        found = AuditNumbers.run(sequence=bill_numbers, column=column).audit
        assert gaps(found) == [("2025/K1", 1, 1), ("2026/K1", 2, 2), ("2026/K2", 3, 3)]

    def test_a_part_without_a_document_is_missed(self):
        """A whole branch that was deleted does not hide itself."""
        bills((2025, "K1"), (2026, "K2"), (2026, "K2"))
        Bill.objects.filter(branch="K2").delete()
        found = AuditNumbers.run(sequence=bill_numbers).audit
        assert gaps(found) == [("2026/K2", 1, 2)]
        assert found.by_part.listed[1].lowest is None

    def test_a_counter_behind_its_documents_is_told(self):
        """Of the part that is."""
        bills((2025, "K1"))
        bill = Bill(day=date(2026, 1, 1), branch="K2")
        NumberDocument.run(document=bill, value=1)
        bill.save()
        found = AuditNumbers.run(sequence=bill_numbers).audit
        assert (found.behind, found.unexplained) == (1, 1)
        assert [part.behind for part in found.by_part.listed] == [0, 1]

    def test_one_part_alone(self):
        """As a sequence of its own: the others are not looked at."""
        issued = bills(*[(2025, "K1")] * 3, *[(2026, "K1")] * 3)
        issued[1].delete()
        issued[4].delete()
        part = bill_numbers.of(on=date(2025, 6, 1), scope={"branch": "K1"})
        found = AuditNumbers.run(sequence=part).audit
        assert (found.sequence, gaps(found)) == ("slips/2025/K1", [(None, 2, 2)])
        assert (found.documents, found.highest, found.given_out) == (2, 3, 3)
        assert (found.by_part.count, len(found.parts)) == (0, 3)

    def test_a_part_that_was_never_met(self):
        """Nothing is known of it, and nothing wrong."""
        part = bill_numbers.of(on=date(2025, 6, 1), scope={"branch": "K1"})
        found = AuditNumbers.run(sequence=part).audit
        assert (found.is_clean, found.highest) == (True, None)

    def test_a_plain_series_by_its_text(self):
        """A prefix is no part."""
        series = Sequence("papers", format="P{value:03d}")
        get_next_values(4, "papers")
        with table(kind="varchar(40)") as invoices:
            invoices.write("P001", "P003", on=DAY)
            found = audit(sequence=series, format=series.printing.format)
        assert gaps(found) == [(None, 2, 2), (None, 4, 4)]
        assert (found.given_out, found.behind, found.highest) == (4, 0, 3)

    @with_row_locks
    def test_what_an_open_transaction_holds_may_be_still_open(
        self, other: OtherSession
    ):
        """Above the newest document of each part."""
        issued = bills(*[(2025, "K1")] * 3)
        issued[0].delete()
        issued[2].delete()
        other.begin()
        other.run(Bill.objects.filter(code="").update, total=1)
        other.run(bills, (2024, "K1"))
        found = AuditNumbers.run(sequence=bill_numbers).audit
        other.rollback()
        assert gaps(found) == [("2025/K1", 1, 1)]
        assert found.explained.listed == (
            Gap(
                first=3,
                last=3,
                count=1,
                explanation=Explanation.OPEN,
                part="2025/K1",
            ),
        )


class TestRefusals:
    """What does not tell the parts apart."""

    @pytest.mark.django_db
    def test_nothing_tells_its_parts(self):
        """Its numbers meet again."""
        series = Sequence("x", period="year", column="documents.Document.number")
        with pytest.raises(InvalidSequence) as refusal:
            AuditNumbers.run(sequence=series)
        assert str(refusal.value) == (
            "Sequence 'x': it counts by year, so that its numbers meet again in their "
            "column. Say by= which columns tell its parts, or audit the column of its "
            "text."
        )

    @pytest.mark.django_db
    def test_too_few_columns(self):
        """One for the period, and one for each value of the scope."""
        with pytest.raises(InvalidColumn) as refusal:
            AuditNumbers.run(sequence=bill_numbers, by=("branch",))
        assert str(refusal.value) == (
            "Column 'documents_bill.number': 2 columns tell its parts, and by names 1."
        )

    @pytest.mark.django_db
    def test_a_column_that_is_not_there(self):
        """The nearest name is suggested."""
        with pytest.raises(InvalidColumn) as refusal:
            AuditNumbers.run(column="documents.Bill.number", by=("brunch",))
        assert str(refusal.value) == (
            "Column 'documents_bill.brunch': there is no column 'brunch'. Did you mean "
            "'branch'?"
        )
