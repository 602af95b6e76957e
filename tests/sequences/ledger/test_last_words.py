"""Where a counter was set back by force, the last entry about a number holds."""

import pytest
from django.db import transaction

from sequences import (
    AllocateNumber,
    AllocateNumbers,
    AssignNumber,
    NumberOnDocument,
    NumberVoid,
    Sequence,
    SetCounter,
    VoidNumber,
)
from sequences.models import LedgerEntry

ORDERS = Sequence("orders", ledger=True)

pytestmark = pytest.mark.django_db


def give_out(count: int = 1, *, key: str | None = None) -> None:
    """Give numbers out, in one entry."""
    with transaction.atomic():
        AllocateNumbers.run(sequence=ORDERS, count=count, key=key)


def assign(value: int, document: str) -> bool:
    """Tell a document; give whether the ledger said so already."""
    return AssignNumber.run(sequence=ORDERS, value=value, document=document).found


def void(value: int, last: int | None = None, reason: str = "lost") -> None:
    """Void numbers."""
    VoidNumber.run(sequence=ORDERS, value=value, last=last, reason=reason)


def put(last: int) -> None:
    """Set the counter, back or forward."""
    with transaction.atomic():
        SetCounter.run(sequence=ORDERS, last=last, force=True)


class TestADocument:
    """Of a number that is given out anew, it is that of the round before."""

    def test_it_does_not_keep_the_number_from_becoming_void(self):
        """The number is reserved, and on no document."""
        with transaction.atomic():
            AllocateNumber.run(sequence=ORDERS, document="A")
        put(0)
        give_out()
        void(1)
        states = LedgerEntry.objects.order_by("id").values_list("state", flat=True)
        assert list(states) == ["assigned", "reserved", "void"]

    def test_it_hides_no_other_of_the_range(self):
        """The first that is on a document is named, whatever was before it."""
        give_out(4)
        for value in (2, 3, 4):
            assign(value, f"paper {value}")
        put(0)
        give_out(2)
        put(4)
        with pytest.raises(NumberOnDocument) as refusal:
            void(1, 4)
        assert (refusal.value.value, refusal.value.document) == (3, "paper 3")
        void(1, 2)

    @pytest.mark.parametrize("first_round", ["one by one", "at once"])
    def test_a_batch_that_gives_it_out_anew_counts_behind_a_later_entry(
        self, first_round: str
    ):
        """An entry that begins nearer to the number does not hide it."""
        for count in [1] * 7 if first_round == "one by one" else [7]:
            give_out(count)
        assign(6, "A")
        put(2)
        give_out(5)
        put(3)
        give_out()
        put(7)
        assert not assign(6, "B")
        assert assign(6, "B")


class TestAVoidNumber:
    """Given out anew, it is not void any more."""

    def test_its_new_key_finds_it(self):
        """A retry has the number; the key of the round before stays refused."""
        give_out()
        give_out(key="old")
        void(2)
        put(1)
        give_out(key="new")
        with transaction.atomic():
            again = AllocateNumber.run(sequence=ORDERS, key="new")
        assert (again.value, again.found) == (2, True)
        with pytest.raises(NumberVoid), transaction.atomic():
            AllocateNumber.run(sequence=ORDERS, key="old")

    @pytest.mark.parametrize("document", [None, "A"])
    def test_it_is_assigned(self, document: str | None):
        """Whether its document is told when it is given out, or later."""
        give_out(2)
        void(2)
        put(1)
        with transaction.atomic():
            AllocateNumber.run(sequence=ORDERS, document=document)
        assert assign(2, "A") is (document is not None)

    def test_it_becomes_void_again(self):
        """With the reason of this time."""
        give_out(2)
        void(2)
        put(1)
        give_out()
        void(2, reason="lost again")
        with pytest.raises(NumberVoid) as refusal:
            assign(2, "A")
        assert refusal.value.reason == "lost again"

    def test_those_beside_it_stay_void(self):
        """Of a range that became void at once, each number is looked at."""
        give_out(6)
        void(1, 5)
        put(1)
        give_out(2)
        put(6)
        for value in (1, 4, 5):
            with pytest.raises(NumberVoid):
                assign(value, "A")
        for asked, named in (((1, 6), 1), ((2, 6), 4), ((5, 6), 5)):
            with pytest.raises(NumberVoid) as refusal:
                void(*asked)
            assert refusal.value.value == named
        void(2, 3)
        with pytest.raises(NumberVoid) as refusal:
            assign(5, "A")  # behind an entry that begins nearer to it
        assert refusal.value.reason == "lost"

    def test_a_step_is_kept(self):
        """What is between the numbers of a sequence is none of them."""
        tens = Sequence("tens", 10, increment=10, ledger=True)
        with transaction.atomic():
            AllocateNumbers.run(sequence=tens, count=3)
            VoidNumber.run(sequence=tens, value=10, last=30, reason="lost")
            SetCounter.run(sequence=tens, last=0, force=True)
            AllocateNumbers.run(sequence=tens, count=2)
            SetCounter.run(sequence=tens, last=30)
        with pytest.raises(NumberVoid) as refusal:
            VoidNumber.run(sequence=tens, value=10, last=30, reason="again")
        assert refusal.value.value == 30
