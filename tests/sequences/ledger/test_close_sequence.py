"""CloseSequence: no more numbers, of a series or of one part of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from sequences import (
    AllocateNumber,
    AllocateNumbers,
    AuditNumbers,
    CloseSequence,
    CounterBehind,
    InvalidSequence,
    NumberNotGivenOut,
    NumberOnDocument,
    Sequence,
    SequenceClosed,
    SequenceExhausted,
    SetCounter,
    VoidNumber,
    get_last_value,
    get_next_value,
)
from sequences.ledger.states import given_out_by_part
from sequences.models import ClosedSequence, LedgerEntry
from sequences.testing import OtherSession
from services import Failure
from tests.documents.models import Bill, Document
from tests.sequences.flow import flow_of
from tests.sequences.marks import autocommit, with_row_locks
from tests.sequences.series import slips_with_ledger

ORDERS = Sequence("orders", max_value=99, ledger=True)
PAPERS = Sequence("papers", column="documents.Document.number", ledger=True)
BILLS = Sequence("bills", period="year", format="{period:%Y}-{value:03d}", ledger=True)


def take(sequence: Sequence = ORDERS, **told) -> AllocateNumber.outputs:
    """Take a number in a transaction of its own."""
    with transaction.atomic():
        return AllocateNumber.run(sequence=sequence, **told)


def test_the_flow():
    """Drain, void what is left, freeze."""
    assert flow_of(CloseSequence) == [
        "validate",
        "drain",
        "void_what_is_left if sees_documents",
        "freeze",
    ]


@autocommit
class TestClosing:
    """What it leaves."""

    def test_it_gives_out_no_more_numbers(self):
        """By no service and no function; where it stood is kept."""
        take(key="first")
        done = CloseSequence.run(sequence=ORDERS, reason="shop closed", user="ada")
        assert (done.last, done.voided) == (1, 0)
        refused: list[Callable[[], Any]] = [
            take,
            lambda: take(key="second"),
            lambda: take(nowait=True),
            ORDERS.get_next_value,
            lambda: ORDERS.get_next_values(3),
            lambda: transaction.atomic()(AllocateNumbers.run)(sequence=ORDERS, count=2),
        ]
        for call in refused:
            with pytest.raises(SequenceClosed) as refusal:
                call()
            assert refusal.value.sequence == "orders"
        assert get_last_value("orders") == ORDERS.get_last_value() == 1
        [kept] = ClosedSequence.objects.values()
        assert (kept["last"], kept["reason"], kept["user"]) == (1, "shop closed", "ada")
        assert LedgerEntry.objects.count() == 1

    def test_also_to_who_does_not_know_of_it(self):
        """A plain sequence of the same name finds the counter at its end."""
        take()
        CloseSequence.run(sequence=ORDERS, reason="shop closed")
        with pytest.raises(SequenceExhausted):
            get_next_value("orders")

    def test_the_caller_can_go_on(self):
        """A refusal is a Failure to who expects it, and breaks no transaction."""
        take()
        CloseSequence.run(sequence=ORDERS, reason="shop closed")
        with transaction.atomic():
            assert isinstance(AllocateNumber.attempt(sequence=ORDERS), Failure)
            Document.objects.create(number=7)
        assert Document.objects.count() == 1

    def test_a_key_still_finds_its_number(self):
        """What was given out was given out."""
        take(key="order-17")
        CloseSequence.run(sequence=ORDERS, reason="shop closed")
        assert take(key="order-17").value == 1

    @pytest.mark.parametrize("nowait", [False, True])
    def test_a_part_is_closed_alone(self, nowait: bool):  # noqa: FBT001
        """A period that was handed in refuses what is dated back; the next goes on."""
        take(BILLS, on=date(2026, 5, 4))
        part = BILLS.of(on=date(2026, 1, 1))
        CloseSequence.run(sequence=part, reason="tax return filed")
        with pytest.raises(SequenceClosed) as refusal:
            take(BILLS, on=date(2026, 12, 31), nowait=nowait)
        assert refusal.value.sequence == "bills/2026"
        assert take(BILLS, on=date(2027, 1, 1)).text == "2027-001"

    def test_one_that_gave_out_none(self):
        """A period without documents is closed, too."""
        part = BILLS.of(on=date(2025, 1, 1))
        assert CloseSequence.run(sequence=part, reason="nothing sold").last is None
        with pytest.raises(SequenceClosed):
            take(BILLS, on=date(2025, 6, 1))
        assert part.get_last_value() is None
        with pytest.raises(NumberNotGivenOut):
            VoidNumber.run(sequence=part, value=1, reason="torn")

    def test_an_audit_reads_where_all_parts_ended_at_once(self):
        """However many of them are closed."""
        for year in range(2000, 2010):
            CloseSequence.run(sequence=BILLS.of(on=date(year, 1, 1)), reason="past")
        with CaptureQueriesContext(connection) as statements:
            assert list(given_out_by_part("bills", "default")) == []
        assert len(statements) <= 4

    def test_it_voids_what_is_left(self):
        """Numbers on no document are void with the reason; an audit is clean then."""
        with transaction.atomic():
            AllocateNumbers.run(sequence=PAPERS, count=9)
        for number in (2, 3, 7):
            Document.objects.create(number=number)
        VoidNumber.run(sequence=PAPERS, value=5, reason="misprint")
        assert CloseSequence.run(sequence=PAPERS, reason="year's end").voided == 5
        void = LedgerEntry.objects.filter(state="void").order_by("first")
        assert list(void.values_list("first", "last", "reason")) == [
            (1, 1, "year's end"),
            (4, 4, "year's end"),
            (5, 5, "misprint"),
            (6, 6, "year's end"),
            (8, 9, "year's end"),
        ]
        audit = AuditNumbers.run(sequence=PAPERS).audit
        assert (audit.is_clean, audit.given_out, audit.excused) == (True, 9, 6)

    @with_row_locks
    def test_it_voids_what_is_left_behind_many_that_are_void(self, other: OtherSession):
        """While it holds the counter nothing is open, whoever writes documents."""
        with transaction.atomic():
            AllocateNumbers.run(sequence=PAPERS, count=2_102)
            Document.objects.bulk_create(
                Document(number=number) for number in range(2, 2_101, 2)
            )
            for number in range(1, 2_100, 2):
                LedgerEntry.objects.create(
                    name="papers",
                    first=number,
                    last=number,
                    state="void",
                    reason="torn",
                    at=datetime.now(UTC),
                )
        other.begin()
        other.run(Document.objects.create, day=1)
        assert CloseSequence.run(sequence=PAPERS, reason="year's end").voided == 2
        other.rollback()
        assert AuditNumbers.run(sequence=PAPERS).audit.is_clean

    def test_it_voids_what_is_left_of_a_part(self):
        """Where a NumberField stores the part; the numbers of others are not its."""
        slips = slips_with_ledger()
        with transaction.atomic():
            bills = [Bill.objects.create(branch=each) for each in ("K1", "K2") * 3]
        bills[2].delete()  # 2 of K1
        bills[5].delete()  # 3 of K2
        part = slips.of(on=date(2026, 5, 4), scope={"branch": "K1"})
        with pytest.raises(NumberOnDocument) as refusal:
            VoidNumber.run(sequence=part, value=3, reason="torn")
        assert refusal.value.document == f"documents.Bill:{bills[4].pk}"
        done = CloseSequence.run(sequence=part, reason="year's end")
        assert (done.last, done.voided) == (3, 1)
        [void] = LedgerEntry.objects.filter(state="void")
        assert (void.first, void.last) == (2, 2)
        audit = AuditNumbers.run(sequence=slips).audit
        assert [(gap.part, gap.first) for gap in audit.gaps.listed] == [("2026/K2", 3)]

    def test_a_column_of_other_parts_tells_nothing(self):
        """Bills are counted by branch too: their numbers are not those of a year."""
        yearly = Sequence(
            "yearly",
            period="year",
            format="Y{period:%Y}-{value:03d}",
            column="documents.Bill.number",
            ledger=True,
        )
        take(yearly, on=date(2026, 5, 4))
        part = yearly.of(on=date(2026, 5, 4))
        assert CloseSequence.run(sequence=part, reason="year's end").voided == 0

    def test_it_waits_for_who_is_given_a_number(self, other: OtherSession):
        """Nobody is given a number while it closes, and none is forgotten."""
        take(PAPERS)
        Document.objects.create(number=1)
        with transaction.atomic():
            number = AllocateNumber.run(sequence=PAPERS).value
            closing = other.start(CloseSequence.run, sequence=PAPERS, reason="the end")
            other.wait_until_blocked()
            Document.objects.create(number=number)
        assert (closing.result().last, closing.result().voided) == (2, 0)

    def test_who_waited_for_it_is_refused(self, other: OtherSession):
        """Not even who had asked before gets a number after the last."""
        take()
        with transaction.atomic():
            CloseSequence.run(sequence=ORDERS, reason="shop closed")
            asking = other.start(take)
            other.wait_until_blocked()
        with pytest.raises(SequenceClosed):
            asking.result()
        assert get_last_value("orders") == 1

    def test_it_is_closed_once(self):
        """The second time it is refused."""
        CloseSequence.run(sequence=ORDERS, reason="shop closed")
        with pytest.raises(SequenceClosed):
            CloseSequence.run(sequence=ORDERS, reason="again")

    @pytest.mark.parametrize(
        ("sequence", "reason", "told"),
        [
            (Sequence("plain"), "the end", "it has no ledger."),
            (ORDERS, "", "its reason is empty."),
            (BILLS, "the end", "it counts by year, so it has many counters."),
        ],
    )
    def test_what_makes_no_sense(self, sequence: Sequence, reason: str, told: str):
        """No ledger, no reason, or all periods at once."""
        with pytest.raises(InvalidSequence) as refusal:
            CloseSequence.run(sequence=sequence, reason=reason)
        assert told in str(refusal.value)
        assert not ClosedSequence.objects.exists()


@autocommit
class TestOpeningAgain:
    """SetCounter, on purpose."""

    def test_it_takes_force(self):
        """Without it a closed sequence stays closed."""
        take()
        CloseSequence.run(sequence=ORDERS, reason="shop closed")
        with transaction.atomic(), pytest.raises(SequenceClosed):
            SetCounter.run(sequence=ORDERS, last=5)
        with transaction.atomic():
            done = SetCounter.run(sequence=ORDERS, last=1, force=True)
        assert (done.before, done.after) == (1, 1)
        assert take().value == 2
        assert not ClosedSequence.objects.exists()

    def test_a_counter_at_its_end_is_not_closed(self):
        """2**63 - 1 numbers given out are no closing."""
        get_next_value("full", 2**63 - 1)
        with transaction.atomic(), pytest.raises(CounterBehind):
            SetCounter.run(sequence="full", last=5)
