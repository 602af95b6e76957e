"""VoidNumber: a number that will never be on a document, with the reason."""

import gc
from datetime import date

import pytest
from django.db import connection, transaction

from sequences import (
    AllocateNumber,
    AllocateNumbers,
    AuditNumbers,
    CloseSequence,
    InvalidSequence,
    NumberNotGivenOut,
    NumberOnDocument,
    NumberVoid,
    Sequence,
    SetCounter,
    VoidNumber,
)
from sequences.ledger.findings import Explanation, Gap
from sequences.ledger.reports import rendered
from sequences.models import LedgerEntry
from sequences.testing import OtherSession
from tests.documents.models import Bill, Document
from tests.sequences.flow import flow_of
from tests.sequences.marks import autocommit, on_postgresql, with_row_locks
from tests.sequences.series import slips_with_ledger

ORDERS = Sequence("orders", ledger=True)
SLIPS = Sequence(
    "texts", format="T-{value:05d}", column="documents.Bill.code", ledger=True
)
PAPERS = Sequence("papers", column="documents.Document.number", ledger=True)


def give_out(count: int, sequence: Sequence = PAPERS, **told) -> None:
    """Give numbers out, one by one."""
    with transaction.atomic():
        for _ in range(count):
            AllocateNumber.run(sequence=sequence, **told)


def write(*numbers: int) -> None:
    """Write documents with these numbers."""
    Document.objects.bulk_create(Document(number=number) for number in numbers)


def voids() -> list[tuple]:
    """Give first, last, reason and user of what is void."""
    found = LedgerEntry.objects.filter(state="void").order_by("first")
    return list(found.values_list("first", "last", "reason", "user"))


def test_the_flow():
    """Holding the counter, each thing that stands against it is looked at."""
    assert flow_of(VoidNumber) == [
        "validate",
        "check_given_out",
        "check_not_void",
        "check_column if sees_documents",
        "check_ledger unless sees_documents",
        "record",
    ]


@autocommit
class TestVoiding:
    """What becomes void."""

    def test_one_number(self):
        """With its reason, and who said so; it is not given out again."""
        give_out(2)
        done = VoidNumber.run(sequence=PAPERS, value=2, reason="misprint", user="ada")
        assert done.values == range(2, 3)
        assert voids() == [(2, 2, "misprint", "ada")]
        with transaction.atomic():
            assert AllocateNumber.run(sequence=PAPERS).value == 3

    def test_a_range(self):
        """Is one entry; all of it or nothing."""
        tens = Sequence("tens", 10, increment=10, ledger=True)
        with transaction.atomic():
            AllocateNumbers.run(sequence=tens, count=9)
        done = VoidNumber.run(sequence=tens, value=20, last=50, reason="torn")
        assert list(done.values) == [20, 30, 40, 50]
        assert voids() == [(20, 50, "torn", "")]

    def test_it_rolls_back_with_the_caller(self):
        """In a transaction it is a part of that."""
        give_out(1)
        with transaction.atomic():
            VoidNumber.run(sequence=PAPERS, value=1, reason="misprint")
            transaction.set_rollback(True)
        assert voids() == []

    def test_numbers_from_before_the_ledger(self):
        """The counter says what was given out, not the ledger."""
        with transaction.atomic():
            SetCounter.run(sequence="papers", last=411)
        VoidNumber.run(sequence=PAPERS, value=7, reason="lost in the fire of 2019")
        assert voids() == [(7, 7, "lost in the fire of 2019", "")]

    def test_a_number_whose_document_was_deleted(self):
        """The column decides, where there is one: the ledger names no living one."""
        give_out(1, document=Document.objects.create())
        Document.objects.all().delete()
        VoidNumber.run(sequence=PAPERS, value=1, reason="deleted by mistake")
        assert len(voids()) == 1


@autocommit
class TestRefusals:
    """What does not become void: nothing is written then."""

    @pytest.fixture(autouse=True)
    def _nothing_more_is_void(self):
        yield
        assert all(reason == "before" for _, _, reason, _ in voids())

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            (
                {"sequence": Sequence("plain"), "value": 1},
                "Sequence 'plain': it has no ledger. Declare it with ledger=True.",
            ),
            ({"value": 0}, "Sequence 'papers': 0 is none of its numbers."),
            (
                {"value": 3, "last": 2},
                "Sequence 'papers': a range of numbers cannot go from 3 to 2.",
            ),
            (
                {"value": 1, "reason": " "},
                "Sequence 'papers': its reason is empty. Say why.",
            ),
            (
                {"value": 1, "reason": "a\nb"},
                "Sequence 'papers': its reason holds the invisible character U+000A.",
            ),
            (
                {"value": 1, "reason": "x" * 1_001},
                (
                    "Sequence 'papers': its reason has 1001 characters, at most 1000 "
                    "are possible."
                ),
            ),
        ],
    )
    def test_what_makes_no_sense(self, given, reason):
        """No ledger, no number of the sequence, no reason."""
        give_out(3)
        with pytest.raises(InvalidSequence) as refusal:
            VoidNumber.run(**{"sequence": PAPERS, "reason": "torn"} | given)
        assert str(refusal.value) == reason

    def test_what_was_not_given_out(self):
        """It may be on a document one day."""
        with pytest.raises(NumberNotGivenOut) as refusal:
            VoidNumber.run(sequence=PAPERS, value=1, reason="torn")
        assert refusal.value.last is None
        give_out(2)
        with pytest.raises(NumberNotGivenOut) as refusal:
            VoidNumber.run(sequence=PAPERS, value=2, last=3, reason="torn")
        assert (refusal.value.value, refusal.value.last) == (3, 2)

    @pytest.mark.parametrize("asked", [(2, 2), (1, 3), (3, 5), (4, 4), (2, 6)])
    def test_what_is_void_already(self, asked: tuple[int, int]):
        """Also in part; who repeats himself is told since when, and why."""
        give_out(6)
        VoidNumber.run(sequence=PAPERS, value=2, last=4, reason="before")
        with pytest.raises(NumberVoid) as refusal:
            VoidNumber.run(sequence=PAPERS, value=asked[0], last=asked[1], reason="now")
        assert refusal.value.value == max(2, asked[0])
        assert refusal.value.reason == "before"

    def test_what_is_beside_a_void_range_is_not(self):
        """The neighbours of a range are free to become void."""
        give_out(6)
        for value in (3, 2, 4):
            VoidNumber.run(sequence=PAPERS, value=value, reason="before")
        assert [entry[:2] for entry in voids()] == [(2, 2), (3, 3), (4, 4)]

    def test_what_is_on_a_document(self):
        """As the column tells; the first of a range is named."""
        give_out(4)
        write(1, 3, 4)
        [third] = Document.objects.filter(number=3)
        with pytest.raises(NumberOnDocument) as refusal:
            VoidNumber.run(sequence=PAPERS, value=2, last=4, reason="torn")
        assert refusal.value.value == 3
        assert refusal.value.document == f"documents.Document:{third.pk}"

    def test_what_stands_on_a_document_as_text(self):
        """The printed number is looked for; of a range that is long, too."""
        give_out(601, SLIPS)
        with transaction.atomic():
            bill = Bill.objects.create()
        Bill.objects.update(code=SLIPS.print(600))
        with pytest.raises(NumberOnDocument) as refusal:
            VoidNumber.run(sequence=SLIPS, value=1, last=601, reason="torn")
        assert refusal.value.value == 600
        assert refusal.value.document == f"documents.Bill:{bill.pk}"
        VoidNumber.run(sequence=SLIPS, value=1, last=599, reason="before")
        VoidNumber.run(sequence=SLIPS, value=601, reason="before")

    def test_what_stands_on_a_document_of_its_part_as_text(self):
        """The text shows the period; the same number of another one is not its."""
        codes = Sequence(
            "codes",
            format="{period:%Y}-{value}",
            period="year",
            column="documents.Bill.code",
            ledger=True,
        )
        this, last = (codes.of(on=date(year, 5, 4)) for year in (2026, 2025))
        give_out(1, this)
        give_out(1, last)
        with transaction.atomic():
            Bill.objects.create()
        Bill.objects.update(code="2026-1")
        with pytest.raises(NumberOnDocument):
            VoidNumber.run(sequence=this, value=1, reason="torn")
        VoidNumber.run(sequence=last, value=1, reason="before")

    def test_a_document_that_bears_it_as_plain_text(self):
        """A sequence without a format prints a number as it is."""
        bare = Sequence("bare", column="documents.Bill.code", ledger=True)
        give_out(2, bare)
        with transaction.atomic():
            Bill.objects.bulk_create([bill := Bill()])
        Bill.objects.filter(pk=bill.pk).update(code="1")
        with pytest.raises(NumberOnDocument):
            VoidNumber.run(sequence=bare, value=1, reason="torn")
        VoidNumber.run(sequence=bare, value=2, reason="before")

    def test_a_document_beside_the_step_does_not_stand_in_the_way(self):
        """Its number is none of those that are to be void."""
        odd = Sequence(
            "odd", increment=2, column="documents.Document.number", ledger=True
        )
        give_out(3, odd)
        Document.objects.create(number=4)
        VoidNumber.run(sequence=odd, value=3, last=5, reason="before")

    @with_row_locks
    def test_it_waits_for_who_renumbers_a_document(self, other: OtherSession):
        """What the document bears in the end counts."""
        give_out(2)
        write(1)
        with OtherSession() as clerk:
            clerk.begin()
            clerk.run(Document.objects.update, number=2)
            voiding = other.start(
                VoidNumber.run, sequence=PAPERS, value=1, reason="before"
            )
            other.wait_until_blocked()
            clerk.commit()
            assert voiding.result().values == range(1, 2)

    def test_what_was_given_out_for_a_document(self):
        """Without a column the ledger's own word holds."""
        give_out(1, ORDERS)
        give_out(1, ORDERS, document="order 17")
        VoidNumber.run(sequence=ORDERS, value=1, reason="before")
        with pytest.raises(NumberOnDocument) as refusal:
            VoidNumber.run(sequence=ORDERS, value=2, reason="torn")
        assert refusal.value.document == "order 17"

    def test_it_waits_for_who_is_given_a_number(self, other: OtherSession):
        """A document that is being written counts."""
        give_out(1)
        with transaction.atomic():
            number = AllocateNumber.run(sequence=PAPERS).value
            voiding = other.start(
                VoidNumber.run, sequence=PAPERS, value=number, reason="torn"
            )
            other.wait_until_blocked()
            Document.objects.create(number=number)
        with pytest.raises(NumberOnDocument):
            voiding.result()


@autocommit
class TestTheAudit:
    """What an audit says of numbers in the ledger."""

    def test_void_numbers_are_explained(self):
        """By their reason; what is left of a gap is not."""
        give_out(9)
        write(1, 2, 8, 9)
        VoidNumber.run(sequence=PAPERS, value=4, last=5, reason="misprint")
        VoidNumber.run(sequence=PAPERS, value=7, reason="torn")
        audit = AuditNumbers.run(sequence=PAPERS).audit
        assert audit.explained.listed == (
            Gap(
                first=4,
                last=5,
                count=2,
                explanation=Explanation.VOID,
                reason="misprint",
            ),
            Gap(first=7, last=7, count=1, explanation=Explanation.VOID, reason="torn"),
        )
        assert [(gap.first, gap.last) for gap in audit.gaps.listed] == [(3, 3), (6, 6)]
        assert (audit.missing, audit.excused) == (2, 3)
        assert "4 to 5 (2): void: misprint\n" in rendered([audit], "text")

    @on_postgresql
    def test_no_cursor_is_left_half_read(self):
        """Whatever of the ledger an audit need not read, it leaves nothing to end."""
        give_out(9)
        write(1, 3)
        for value in (2, 4, 5, 6):
            VoidNumber.run(sequence=PAPERS, value=value, reason="torn")
        ends_earlier = Sequence("papers", max_value=3, column=PAPERS.column)
        gc.disable()
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                AuditNumbers.run(sequence=ends_earlier)
                cursor.execute("SELECT name FROM pg_cursors")
                open_cursors = cursor.fetchall()
        finally:
            gc.enable()
        assert open_cursors == []

    def test_by_name_alone(self):
        """The ledger is asked also where the sequence is not declared."""
        give_out(2)
        VoidNumber.run(sequence=PAPERS, value=1, last=2, reason="torn")
        column = PAPERS.column
        assert AuditNumbers.run(sequence="papers", column=column).audit.is_clean

    def test_who_was_given_a_missing_number_is_told(self):
        """It stays unexplained, and the ledger's facts stand beside it."""
        with transaction.atomic():
            AllocateNumber.run(sequence=PAPERS, key="order-17", user="ada")
            AllocateNumbers.run(sequence=PAPERS, count=3, key="import")
        write(2)
        audit = AuditNumbers.run(sequence=PAPERS).audit
        told = [
            [(it.first, it.last, it.key, it.user) for it in gap.given]
            for gap in audit.gaps.listed
        ]
        assert told == [[(1, 1, "order-17", "ada")], [(3, 4, "import", "")]]
        assert audit.unexplained == 2
        text = rendered([audit], "text")
        assert " by ada with key order-17, and on no document\n" in text

    def test_each_part_has_its_own(self):
        """Of several parts, and of one alone; the closed ones too."""
        slips = slips_with_ledger()
        k1, k2 = (
            slips.of(on=date(2026, 5, 4), scope={"branch": branch})
            for branch in ("K1", "K2")
        )
        for part in (k1, k2):
            give_out(4, part, user="ada")
        VoidNumber.run(sequence=k1, value=1, last=2, reason="torn")
        VoidNumber.run(sequence=k2, value=4, reason="lost")
        CloseSequence.run(sequence=k2, reason="branch closed")
        CloseSequence.run(
            sequence=slips.of(on=date(2025, 5, 4), scope={"branch": "K2"}),
            reason="never opened",
        )
        audit = AuditNumbers.run(sequence=slips).audit
        assert [
            (gap.part, gap.first, gap.last, gap.reason)
            for gap in audit.explained.listed
        ] == [
            ("2026/K1", 1, 2, "torn"),
            ("2026/K2", 1, 3, "branch closed"),
            ("2026/K2", 4, 4, "lost"),
        ]
        assert [
            (gap.part, gap.first, gap.last, len(gap.given), gap.given[0].user)
            for gap in audit.gaps.listed
        ] == [("2026/K1", 3, 4, 2, "ada")]
        alone = AuditNumbers.run(sequence=k2).audit
        assert (alone.given_out, alone.missing, alone.excused) == (4, 0, 4)

    def test_of_many_the_first_are_told(self):
        """A gap of a thousand numbers does not make a report of a thousand lines."""
        give_out(15)
        write(1, 15)
        [gap] = AuditNumbers.run(sequence=PAPERS).audit.gaps.listed
        assert [it.first for it in gap.given] == list(range(2, 12))
