"""AssignNumber: the document of a number is told once, and later than the number."""

from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test.utils import isolate_apps

from sequences import (
    AllocateNumber,
    AllocateNumbers,
    AssignNumber,
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
from sequences.ledger.reports import rendered
from sequences.models import LedgerEntry
from sequences.testing import OtherSession
from tests.documents.models import Document, Letter, Order, Rush
from tests.sequences.flow import flow_of
from tests.sequences.marks import autocommit

ORDERS = Sequence("orders", ledger=True)
PAPERS = Sequence("papers", column="documents.Document.number", ledger=True)


def give_out(count: int = 1, sequence: Sequence = ORDERS, **told) -> None:
    """Give numbers out, one by one."""
    with transaction.atomic():
        for _ in range(count):
            AllocateNumber.run(sequence=sequence, **told)


def lives() -> list[tuple]:
    """Give first, last, state, document and user, in the order of the entries."""
    facts = ("first", "last", "state", "document", "user")
    return list(LedgerEntry.objects.order_by("id").values_list(*facts))


def test_the_flow():
    """Holding the counter, what stands against it is looked at; then it is written."""
    assert flow_of(AssignNumber) == [
        "validate",
        "check_given_out",
        "check_not_void",
        "find",
        "record unless is_found",
    ]


@autocommit
class TestAssigning:
    """What is written."""

    def test_a_reserved_number(self):
        """Its first entry stays as it was; a second one tells the document."""
        give_out(user="ada")
        document = Document.objects.create()
        grace = User.objects.create_user("grace")
        done = AssignNumber.run(sequence=ORDERS, value=1, document=document, user=grace)
        assert not done.found
        assert lives() == [
            (1, 1, "reserved", "", "ada"),
            (
                1,
                1,
                "assigned",
                f"documents.Document:{document.pk}",
                f"auth.User:{grace.pk}",
            ),
        ]

    def test_told_twice(self):
        """The ledger says so already: nothing more is written."""
        give_out(document="order 17")
        give_out()
        AssignNumber.run(sequence=ORDERS, value=2, document="order 18", user="ada")
        before = lives()
        for value, document in ((1, "order 17"), (2, "order 18")):
            assert AssignNumber.run(
                sequence=ORDERS, value=value, document=document
            ).found
        assert lives() == before

    @isolate_apps("tests.documents")
    def test_a_proxy_is_the_same_document(self):
        """Whatever its class is called, it is the same row."""

        class Paper(Document):
            class Meta:
                app_label = "documents"
                proxy = True

        document = Document.objects.create()
        give_out(document=document)
        paper = Paper.objects.get()
        assert AssignNumber.run(sequence=ORDERS, value=1, document=paper).found

    @isolate_apps("tests.documents")
    def test_a_child_is_the_same_document(self):
        """Read as what it is, or as its parent, it is one row of the parent's."""

        class Urgent(Rush):
            class Meta:
                app_label = "documents"

        give_out()
        urgent = Urgent(pk=7)
        for number, document in enumerate([urgent, Rush(pk=7), Order(pk=7)]):
            done = AssignNumber.run(sequence=ORDERS, value=1, document=document)
            assert done.found is (number > 0)

    def test_a_key_is_the_same_however_it_is_written(self):
        """It is named as it is read from the database."""
        give_out()
        letter = Letter(key=str(uuid4()).upper())
        letter.save()
        AssignNumber.run(sequence=ORDERS, value=1, document=letter)
        again = Letter.objects.get()
        assert AssignNumber.run(sequence=ORDERS, value=1, document=again).found

    def test_a_number_of_a_batch(self):
        """Only this one is assigned: those beside it are free for others."""
        tens = Sequence("tens", 10, increment=10, ledger=True)
        with transaction.atomic():
            AllocateNumbers.run(sequence=tens, count=5)
        AssignNumber.run(sequence=tens, value=30, document="b")
        AssignNumber.run(sequence=tens, value=20, document="a")
        assert lives() == [
            (10, 50, "reserved", "", ""),
            (30, 30, "assigned", "b", ""),
            (20, 20, "assigned", "a", ""),
        ]

    def test_a_part_has_its_own(self):
        """The same number of another year is another number."""
        yearly = Sequence("bills", period="year", ledger=True)
        parts = [yearly.of(on=date(year, 5, 4)) for year in (2026, 2027)]
        for part in parts:
            give_out(sequence=part)
            AssignNumber.run(sequence=part, value=1, document=part.sequence_name)
        found = LedgerEntry.objects.filter(state="assigned").order_by("id")
        assert list(found.values_list("name", "document")) == [
            ("bills/2026", "bills/2026"),
            ("bills/2027", "bills/2027"),
        ]

    def test_it_rolls_back_with_the_caller(self):
        """In a transaction it is a part of that."""
        give_out()
        with transaction.atomic():
            AssignNumber.run(sequence=ORDERS, value=1, document="order 17")
            transaction.set_rollback(True)
        assert [state for _, _, state, *_ in lives()] == ["reserved"]

    def test_a_number_from_before_the_ledger(self):
        """The counter says what was given out, not the ledger."""
        with transaction.atomic():
            SetCounter.run(sequence=ORDERS, last=411)
        AssignNumber.run(sequence=ORDERS, value=7, document="an old order")
        assert lives() == [(7, 7, "assigned", "an old order", "")]

    def test_a_number_of_a_closed_sequence(self):
        """It gives out no more; what it gave out may be told as before."""
        give_out()
        CloseSequence.run(sequence=ORDERS, reason="the end")
        AssignNumber.run(sequence=ORDERS, value=1, document="order 17")
        with pytest.raises(NumberNotGivenOut) as refusal:
            AssignNumber.run(sequence=ORDERS, value=2, document="order 18")
        assert refusal.value.last == 1

    def test_a_number_that_is_given_out_again(self):
        """Who sets a counter back by force begins anew: the last word holds."""
        give_out(document="order 17")
        with transaction.atomic():
            SetCounter.run(sequence=ORDERS, last=0, force=True)
        give_out()
        AssignNumber.run(sequence=ORDERS, value=1, document="order 18")
        assert AssignNumber.run(sequence=ORDERS, value=1, document="order 18").found
        with pytest.raises(NumberOnDocument) as refusal:
            AssignNumber.run(sequence=ORDERS, value=1, document="order 17")
        assert refusal.value.document == "order 18"


@autocommit
class TestRefusals:
    """What is not assigned: nothing is written then."""

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            (
                {"sequence": Sequence("plain"), "value": 1},
                "Sequence 'plain': it has no ledger. Declare it with ledger=True.",
            ),
            ({"value": 0}, "Sequence 'orders': 0 is none of its numbers."),
            ({"value": 2**63}, f"Sequence 'orders': {2**63} is none of its numbers."),
            (
                {"document": " "},
                (
                    "Sequence 'orders': its document is empty. Say something, or leave "
                    "it out."
                ),
            ),
            (
                {"document": Document()},
                (
                    "Sequence 'orders': its document has no primary key yet. Save it "
                    "first."
                ),
            ),
            (
                {"document": "x" * 256},
                (
                    "Sequence 'orders': its document has 256 characters, at most 255 "
                    "are possible."
                ),
            ),
            (
                {"user": "a\nb"},
                "Sequence 'orders': its user holds the invisible character U+000A.",
            ),
        ],
    )
    def test_what_makes_no_sense(self, given, reason):
        """No ledger, no number of the sequence, no document that can be kept."""
        give_out()
        before = lives()
        with pytest.raises(InvalidSequence) as refusal:
            AssignNumber.run(
                **{"sequence": ORDERS, "value": 1, "document": "order 17"} | given
            )
        assert str(refusal.value) == reason
        assert lives() == before

    def test_what_was_not_given_out(self):
        """Whoever is given the number will tell his own document."""
        give_out()
        with pytest.raises(NumberNotGivenOut) as refusal:
            AssignNumber.run(sequence=ORDERS, value=2, document="order 17")
        assert str(refusal.value) == (
            "Number 2 of sequence 'orders' cannot be assigned: the sequence stands at "
            "1. Only a number that was given out can be assigned."
        )
        assert len(lives()) == 1

    def test_what_is_void(self):
        """It stays void, whatever it was assigned to before."""
        give_out(2, PAPERS)
        AssignNumber.run(sequence=PAPERS, value=2, document="paper 2")
        VoidNumber.run(sequence=PAPERS, value=1, last=2, reason="misprint")
        before = lives()
        for value in (1, 2):
            with pytest.raises(NumberVoid) as refusal:
                AssignNumber.run(sequence=PAPERS, value=value, document="paper 2")
            assert (refusal.value.value, refusal.value.reason) == (value, "misprint")
        assert lives() == before

    @pytest.mark.parametrize("at_once", [False, True])
    def test_what_is_on_another_document(
        self,
        at_once: bool,  # noqa: FBT001
    ):
        """Whether it was told with the number, or later."""
        give_out(document="order 17" if at_once else None)
        AssignNumber.run(sequence=ORDERS, value=1, document="order 17")
        before = lives()
        with pytest.raises(NumberOnDocument) as refusal:
            AssignNumber.run(sequence=ORDERS, value=1, document="order 18")
        assert str(refusal.value) == (
            "Number 1 of sequence 'orders' cannot be assigned: it is on order 17. "
            "Leave it there, and take another number for the other document."
        )
        assert lives() == before

    def test_it_waits_for_who_assigns_it(self, other: OtherSession):
        """Of two who come at once with one number each, the second is refused."""
        give_out()
        with transaction.atomic():
            AssignNumber.run(sequence=ORDERS, value=1, document="order 17")
            second = other.start(
                AssignNumber.run, sequence=ORDERS, value=1, document="order 18"
            )
            other.wait_until_blocked()
        with pytest.raises(NumberOnDocument):
            second.result()
        assert [state for _, _, state, *_ in lives()] == ["reserved", "assigned"]


@autocommit
class TestTheNextChapter:
    """What others make of it."""

    def test_what_is_assigned_later_is_not_void(self):
        """Without a column, the ledger's word counts: who reserved says nothing."""
        give_out(2)
        AssignNumber.run(sequence=ORDERS, value=2, document="order 17")
        with pytest.raises(NumberOnDocument) as refusal:
            VoidNumber.run(sequence=ORDERS, value=1, last=2, reason="torn")
        assert (refusal.value.value, refusal.value.document) == (2, "order 17")
        VoidNumber.run(sequence=ORDERS, value=1, reason="torn")

    def test_the_key_finds_it_still(self):
        """A request that is repeated after its document was told has its number."""
        give_out(key="request 1")
        give_out(key="request 2", document="order 18")
        AssignNumber.run(sequence=ORDERS, value=1, document="order 17")
        with transaction.atomic():
            for value in (1, 2):
                done = AllocateNumber.run(sequence=ORDERS, key=f"request {value}")
                assert (done.value, done.found) == (value, True)

    def test_an_audit_tells_each_number_once(self):
        """A number that is missing has one line, and the document stands in it."""
        with transaction.atomic():
            AllocateNumber.run(sequence=PAPERS, key="request 1", user="ada")
            AllocateNumbers.run(sequence=PAPERS, count=4, key="import")
            AllocateNumber.run(sequence=PAPERS, document="paper 6")
        for value in (4, 1):
            AssignNumber.run(
                sequence=PAPERS, value=value, document=f"paper {value}", user="grace"
            )
        audit = AuditNumbers.run(sequence=PAPERS).audit
        [gap] = audit.gaps.listed
        told = [(it.first, it.last, it.document, it.key, it.user) for it in gap.given]
        assert told == [
            (1, 1, "paper 1", "request 1", "ada"),
            (2, 3, "", "import", ""),
            (4, 4, "paper 4", "import", ""),
            (5, 5, "", "import", ""),
            (6, 6, "paper 6", None, ""),
        ]
        given_out = LedgerEntry.objects.filter(state="reserved").order_by("id")
        assert gap.given[0].at == given_out[0].at
        assert " by ada for paper 1 with key request 1, and on no document" in (
            rendered([audit], "text")
        )

    def test_it_tells_the_first_ten(self):
        """However many of a batch were assigned."""
        with transaction.atomic():
            AllocateNumbers.run(sequence=PAPERS, count=15)
        for value in range(2, 16):
            AssignNumber.run(sequence=PAPERS, value=value, document=f"paper {value}")
        [gap] = AuditNumbers.run(sequence=PAPERS).audit.gaps.listed
        assert [(it.first, it.last, it.document) for it in gap.given] == [
            (1, 1, ""),
            *((value, value, f"paper {value}") for value in range(2, 11)),
        ]

    def test_it_tells_no_number_beside_the_gap(self):
        """Of a batch that reaches out of it, only what is missing."""
        with transaction.atomic():
            AllocateNumbers.run(sequence=PAPERS, count=9)
        Document.objects.bulk_create(Document(number=number) for number in (3, 8))
        for value in (3, 5, 8):
            AssignNumber.run(sequence=PAPERS, value=value, document=f"paper {value}")
        gaps = AuditNumbers.run(sequence=PAPERS).audit.gaps.listed
        assert [
            [(it.first, it.last, it.document) for it in gap.given] for gap in gaps
        ] == [
            [(1, 2, "")],
            [(4, 4, ""), (5, 5, "paper 5"), (6, 7, "")],
            [(9, 9, "")],
        ]

    def test_it_tells_both_rounds_of_a_counter_that_was_set_back(self):
        """An older document is not that of the new reservation."""
        give_out(sequence=PAPERS, document="paper 1")
        with transaction.atomic():
            SetCounter.run(sequence=PAPERS, last=0, force=True)
        give_out(sequence=PAPERS, user="ada")
        [gap] = AuditNumbers.run(sequence=PAPERS).audit.gaps.listed
        told = sorted((it.first, it.document, it.user) for it in gap.given)
        assert told == [(1, "", "ada"), (1, "paper 1", "")]
