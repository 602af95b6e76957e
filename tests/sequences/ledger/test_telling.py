"""The ledger is told on which document a number is, by the field of the document."""

import copy
import pickle
from typing import Any

import pytest
from django.core import serializers
from django.db import models, transaction
from django.test.utils import isolate_apps

from sequences import (
    AllocateNumber,
    AllocateNumbers,
    AssignNumber,
    CloseSequence,
    InvalidSequence,
    NumberDocument,
    NumberField,
    NumberOnDocument,
    NumberVoid,
    Sequence,
    VoidNumber,
    get_last_value,
)
from sequences.models import LedgerEntry
from sequences.testing import OtherSession
from tests.documents.models import Bill, Order, Rush
from tests.sequences.marks import autocommit
from tests.sequences.series import slips_with_ledger


def with_ledger() -> Sequence:
    """Declare the sequence of test orders with a ledger."""
    return Sequence("cases", column="documents.Order.number", ledger=True)


def cases() -> Sequence:
    """Give the sequence by which orders are numbered now."""
    field: Any = Order._meta.get_field("number")
    return field.sequence


@pytest.fixture(autouse=True)
def _with_ledger(monkeypatch):
    monkeypatch.setattr(Order._meta.get_field("number"), "sequence", with_ledger())
    field = Bill._meta.get_field("number")
    monkeypatch.setattr(field, "sequence", slips_with_ledger())


def lives() -> list[tuple]:
    """Give number, state and document, in the order of the entries."""
    found = LedgerEntry.objects.order_by("id")
    return list(found.values_list("first", "state", "document"))


def named(document: models.Model) -> str:
    """Name a document as the ledger does."""
    return f"{document._meta.label}:{document.pk}"


@autocommit
class TestADocumentThatIsStored:
    """Its key is known when its number is drawn."""

    def test_it_is_told_at_once(self):
        """One entry says all; to save it, once or twice, writes none."""
        order = Order.objects.create()
        with transaction.atomic():
            NumberDocument.run(document=order)
            assert lives() == [(1, "assigned", named(order))]
            order.save()
        order.save()
        assert lives() == [(1, "assigned", named(order))]

    def test_one_that_was_deleted_is_not_stored(self):
        """It has no key, and is named as soon as it has one again."""
        order = Order.objects.create()
        order.delete()
        with transaction.atomic():
            NumberDocument.run(document=order)
            assert lives() == [(1, "reserved", "")]
            order.save()
        assert lives()[1:] == [(1, "assigned", named(order))]

    def test_a_copy_of_it_is_refused(self):
        """Numbered as one document and inserted as another, it would be on two."""
        order = Order.objects.create()
        told = named(order)
        with transaction.atomic():
            NumberDocument.run(document=order)
            order.pk, order._state.adding = None, True
            with pytest.raises(NumberOnDocument), transaction.atomic():
                order.save()
        assert Order.objects.get().number is None
        assert lives() == [(1, "assigned", told)]


@autocommit
class TestADocumentThatIsInserted:
    """Its key is known after its number."""

    def test_it_is_told_when_it_is_saved(self):
        """In the transaction of the draw, once, in the ledger of its part."""
        with transaction.atomic():
            bill = Bill.objects.create()
            other = Bill.objects.create(branch="K2")
        bill.total = 5
        bill.save()
        assert lives() == [
            (1, "reserved", ""),
            (1, "assigned", named(bill)),
            (1, "reserved", ""),
            (1, "assigned", named(other)),
        ]
        names = LedgerEntry.objects.order_by("id").values_list("name", flat=True)
        assert list(names) == ["slips/2026/K1"] * 2 + ["slips/2026/K2"] * 2

    def test_it_is_told_in_the_same_transaction(self):
        """A rollback leaves neither entry."""
        with transaction.atomic():
            Bill.objects.create()
            assert len(lives()) == 2
            transaction.set_rollback(True)
        assert lives() == []

    def test_a_savepoint_that_is_undone_untells_it(self):
        """The number is still the document's, and is told when that is inserted."""
        with transaction.atomic():
            order = Order()
            NumberDocument.run(document=order)
            with transaction.atomic():
                order.save()
                transaction.set_rollback(True)
            assert lives() == [(1, "reserved", "")]
            order.pk, order._state.adding = None, True
            order.save()
        assert lives() == [(1, "reserved", ""), (1, "assigned", named(order))]

    def test_bulk_create_tells_none(self):
        """Django sends no signal there; who is saved again later is told of."""
        with transaction.atomic():
            first, second = Bill.objects.bulk_create([Bill(), Bill()])
        assert lives() == [(1, "reserved", ""), (2, "reserved", "")]
        if second.pk is not None:  # SQLite and MariaDB may not give them back
            second.save()
            assert lives()[2:] == [(2, "assigned", named(second))]
        assert first.number == 1

    @isolate_apps("tests.documents")
    def test_a_proxy_is_named_as_what_is_stored(self):
        """The signal is sent for the proxy, and the row is the model's."""

        class Slip(Bill):
            class Meta:
                app_label = "documents"
                proxy = True

        with transaction.atomic():
            slip = Slip.objects.create()
        told = f"documents.Bill:{slip.pk}"
        assert lives() == [(1, "reserved", ""), (1, "assigned", told)]

    def test_a_child_is_told_once(self):
        """Saved in two tables, with one signal; by the name of the first."""
        rush = Rush()
        with transaction.atomic():
            NumberDocument.run(document=rush)
            rush.save()
        order = Order.objects.get()
        assert lives() == [(1, "reserved", ""), (1, "assigned", named(order))]

    def test_what_is_saved_without_its_number_is_not_told(self):
        """The number is not on it yet."""
        with transaction.atomic():
            bill = Bill(pk=Bill.objects.create().pk)
            NumberDocument.run(document=bill)
            bill.save(update_fields=["total"])
            assert lives()[2:] == [(2, "reserved", "")]
            bill.save(update_fields=["number", "code", "counted_in"])
        assert lives()[3:] == [(2, "assigned", named(bill))]

    def test_a_fixture_tells_nothing(self):
        """What is loaded as it is writes no other table."""
        with transaction.atomic():
            order = Order()
            NumberDocument.run(document=order)
            order.save_base(raw=True)
            assert lives() == [(1, "reserved", "")]
        data = serializers.serialize("json", Order.objects.all())
        for each in serializers.deserialize("json", data):
            each.save()
        assert lives() == [(1, "reserved", "")]

    def test_a_number_from_elsewhere_is_not_written(self):
        """Neither when it is put on, nor when the document is saved."""
        old, stored = Order(), Order.objects.create()
        with transaction.atomic():
            for order, value in ((old, 88), (stored, 89)):
                NumberDocument.run(document=order, value=value)
                order.save()
        assert lives() == []

    def test_a_number_put_there_by_hand_is_not_written(self):
        """It was drawn, but not for this document."""
        order = Order.objects.create()
        with transaction.atomic():
            NumberDocument.run(document=order)
            order.number = AllocateNumber.run(sequence=cases()).value
            order.save()
        assert lives()[1:] == [(2, "reserved", "")]

    @isolate_apps("tests.documents")
    def test_a_key_that_cannot_be_kept_is_refused(self):
        """Before the draw, where it is known then."""

        class Note(models.Model):  # noqa: DJ008 - nobody looks at one
            key = models.CharField(primary_key=True, max_length=10)
            number = NumberField(Sequence("notes", ledger=True))

            class Meta:
                app_label = "documents"

        with transaction.atomic(), pytest.raises(InvalidSequence) as refusal:
            NumberDocument.run(document=Note(key="a\nb"))
        assert str(refusal.value) == (
            "Sequence 'notes': its document holds the invisible character U+000A."
        )
        assert get_last_value("notes") is None

    @pytest.mark.django_db(transaction=True, databases=["default", "other"])
    def test_the_entry_is_where_the_counter_is(self, monkeypatch):
        """Wherever the document is saved."""
        away = Sequence("cases", using="other", ledger=True)
        monkeypatch.setattr(Order._meta.get_field("number"), "sequence", away)
        order = Order()
        with transaction.atomic(), transaction.atomic(using="other"):
            NumberDocument.run(document=order)
            order.save(using="default")
        assert lives() == []
        there = LedgerEntry.objects.using("other").order_by("id")
        assert list(there.values_list("state", "document")) == [
            ("reserved", ""),
            ("assigned", named(order)),
        ]

    def test_without_a_ledger_nothing_is_written(self, monkeypatch):
        """Who declares none pays for none."""
        plain = Sequence("plain cases")
        monkeypatch.setattr(Order._meta.get_field("number"), "sequence", plain)
        stored = Order.objects.create()
        with transaction.atomic():
            for order in (stored, Order()):
                NumberDocument.run(document=order)
                order.save()
        assert lives() == []


@autocommit
class TestSavedInTheSameTransaction:
    """Nobody else can be at its number; who drew it can."""

    @pytest.mark.parametrize("is_stored", [False, True])
    def test_a_number_that_became_void_is_refused(
        self,
        is_stored: bool,  # noqa: FBT001
    ):
        """Whether the document was told with the number, or is told now."""
        order = Order.objects.create() if is_stored else Order()
        with transaction.atomic():
            NumberDocument.run(document=order)
            VoidNumber.run(sequence=cases(), value=1, reason="lost")
            with pytest.raises(NumberVoid), transaction.atomic():
                order.save()
        assert not Order.objects.filter(number=1).exists()
        assert [state for _, state, _ in lives()][1:] == ["void"]

    def test_a_number_that_was_assigned_to_another_is_refused(self):
        """By whatever name."""
        with transaction.atomic():
            NumberDocument.run(document=(order := Order()))
            AssignNumber.run(sequence=cases(), value=1, document="another case")
            with pytest.raises(NumberOnDocument), transaction.atomic():
                order.save()
        assert not Order.objects.exists()
        assert lives() == [(1, "reserved", ""), (1, "assigned", "another case")]

    def test_a_number_that_was_assigned_to_it_is_not(self):
        """It is told once."""
        with transaction.atomic():
            NumberDocument.run(document=(order := Order(pk=7)))
            AssignNumber.run(sequence=cases(), value=1, document="documents.Order:7")
            order.save()
        assert lives() == [(1, "reserved", ""), (1, "assigned", "documents.Order:7")]

    def test_what_was_said_of_others_does_not_matter(self):
        """The numbers beside it may be void, or on other papers."""
        with transaction.atomic():
            AllocateNumbers.run(sequence=cases(), count=2)
            NumberDocument.run(document=(order := Order()))
            VoidNumber.run(sequence=cases(), value=1, reason="lost")
            AssignNumber.run(sequence=cases(), value=2, document="another case")
            order.save()
        assert lives()[-1] == (3, "assigned", named(order))

    def test_what_was_undone_does_not_matter(self):
        """The number is as it was."""
        with transaction.atomic():
            NumberDocument.run(document=(order := Order()))
            with transaction.atomic():
                VoidNumber.run(sequence=cases(), value=1, reason="lost")
                transaction.set_rollback(True)
            order.save()
        assert lives() == [(1, "reserved", ""), (1, "assigned", named(order))]

    def test_what_was_undone_hides_nothing(self):
        """What was said before the savepoint stays said."""
        with transaction.atomic():
            AllocateNumber.run(sequence=cases())
            NumberDocument.run(document=(order := Order()))
            VoidNumber.run(sequence=cases(), value=2, reason="lost")
            with transaction.atomic():
                VoidNumber.run(sequence=cases(), value=1, reason="lost")
                transaction.set_rollback(True)
            with pytest.raises(NumberVoid), transaction.atomic():
                order.save()

    def test_who_said_nothing_pays_nothing(self, django_assert_num_queries):
        """What others said, and the transaction before, is not looked at."""
        with transaction.atomic():
            AllocateNumber.run(sequence=cases())
            VoidNumber.run(sequence=cases(), value=1, reason="lost")
        with transaction.atomic():
            NumberDocument.run(document=(order := Order()))
            with django_assert_num_queries(2):  # the document, and the entry
                order.save()


def _saved(order: Order, how: str) -> None:
    if how == "at once":
        order.save()
    elif how == "in a transaction":
        with transaction.atomic():
            order.save()
    else:
        Order.objects.bulk_create([order])


@autocommit
class TestSavedInAnotherTransaction:
    """The number was committed, and the document was not."""

    @pytest.mark.parametrize(
        "carried",
        [lambda it: it, copy.copy, lambda it: pickle.loads(pickle.dumps(it))],  # noqa: S301
        ids=["itself", "copy", "pickle"],
    )
    @pytest.mark.parametrize("in_transaction", [False, True])
    def test_it_is_told_when_it_is_saved(
        self,
        carried,
        in_transaction: bool,  # noqa: FBT001
    ):
        """Once, whatever the number waited for."""
        with transaction.atomic():
            NumberDocument.run(document=(draft := Order()))
        order = carried(draft)
        if in_transaction:
            with transaction.atomic():
                order.save()
        order.save()
        assert lives() == [(1, "reserved", ""), (1, "assigned", named(order))]

    @pytest.mark.parametrize("how", ["at once", "in a transaction", "in bulk"])
    def test_a_number_that_became_void_is_refused(self, how: str):
        """Before it is stored: in autocommit nothing would take it back."""
        with transaction.atomic():
            NumberDocument.run(document=(order := Order()))
        VoidNumber.run(sequence=cases(), value=1, reason="lost")
        with pytest.raises(NumberVoid):
            _saved(order, how)
        assert not Order.objects.exists()
        assert [state for _, state, _ in lives()] == ["reserved", "void"]

    @pytest.mark.parametrize("how", ["at once", "in a transaction"])
    @pytest.mark.parametrize("what", ["void", "closed"])
    def test_a_number_that_became_void_is_refused_to_a_draft(self, what: str, how: str):
        """That the ledger named the draft when it was drawn does not put it there."""
        order = Order.objects.create()
        with transaction.atomic():
            NumberDocument.run(document=order)
        if what == "void":
            VoidNumber.run(sequence=cases(), value=1, reason="lost")
        else:
            CloseSequence.run(sequence=cases(), reason="lost")
        with pytest.raises(NumberVoid):
            _saved(order, how)
        assert Order.objects.get().number is None
        assert [state for _, state, _ in lives()] == ["assigned", "void"]

    @pytest.mark.parametrize("how", ["at once", "in a transaction", "in bulk"])
    def test_a_document_that_was_deleted_is_looked_at_again(self, how: str):
        """Its number was free to become void, and the instance knows nothing of it."""
        order = Order.objects.create()
        with transaction.atomic():
            NumberDocument.run(document=order)
            order.save()
        Order.objects.filter(pk=order.pk).delete()
        VoidNumber.run(sequence=cases(), value=1, reason="deleted by mistake")
        with pytest.raises(NumberVoid):
            _saved(order, how)
        assert not Order.objects.exists()

    def test_a_draft_with_its_number_is_looked_at_once(self, django_assert_num_queries):
        """As soon as it bears the number, nobody can void that: it is only saved."""
        order = Order.objects.create()
        with transaction.atomic():
            NumberDocument.run(document=order)
        order.save()
        with django_assert_num_queries(1):
            order.save()

    @pytest.mark.parametrize("how", ["at once", "in a transaction", "in bulk"])
    def test_a_number_that_was_assigned_is_refused(self, how: str):
        """Likewise, if it is another document's."""
        with transaction.atomic():
            NumberDocument.run(document=(order := Order()))
        AssignNumber.run(sequence=cases(), value=1, document="another case")
        with pytest.raises(NumberOnDocument):
            _saved(order, how)
        assert not Order.objects.exists()

    def test_a_number_that_was_assigned_to_it_is_not(self):
        """Who knows the key beforehand may tell it beforehand."""
        with transaction.atomic():
            NumberDocument.run(document=(order := Order(pk=7)))
        AssignNumber.run(sequence=cases(), value=1, document="documents.Order:7")
        order.save()
        assert lives() == [(1, "reserved", ""), (1, "assigned", "documents.Order:7")]

    def test_it_waits_for_who_voids_it(self, other: OtherSession):
        """Which of the two comes first is what counts."""
        with transaction.atomic():
            NumberDocument.run(document=(order := Order()))

        def save() -> None:
            with transaction.atomic():
                order.save()

        with transaction.atomic():
            VoidNumber.run(sequence=cases(), value=1, reason="lost")
            saving = other.start(save)
            other.wait_until_blocked()
        with pytest.raises(NumberVoid):
            saving.result()
        assert not Order.objects.exists()
