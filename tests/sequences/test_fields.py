"""NumberField and NumberDocument: what a document's number is held to."""

import copy
import pickle
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.core import serializers
from django.db import IntegrityError, connection, models, transaction
from django.forms import modelform_factory
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from sequences import (
    Guarantee,
    InvalidColumn,
    InvalidNumber,
    InvalidSequence,
    NextNumber,
    NoTransaction,
    NumberDocument,
    NumberField,
    Sequence,
    StaleNumber,
    get_last_value,
)
from sequences.companions import as_stored
from sequences.testing import OtherSession
from tests.documents.models import (
    Bill,
    Document,
    Order,
    Rush,
    Sale,
    Seller,
    order_numbers,
)
from tests.sequences.flow import flow_of
from tests.sequences.marks import autocommit, on_postgresql
from tests.sequences.series import COLUMN


def test_the_flow():
    """The document's part is found first; everything is put on it at last."""
    assert flow_of(NumberDocument) == [
        "find_part",
        "refuse_second",
        "name_document if is_in_ledger",
        "draw unless is_given",
        "take if is_given",
        "assign",
    ]


def numbered() -> Order:
    """Give an order with a number, not saved."""
    order = Order()
    NumberDocument.run(document=order)
    return order


@autocommit
class TestABill:
    """A field that cannot be NULL: numbered when it is inserted."""

    def test_all_is_set_together(self):
        """Number, text and period come from one draw, of its date and branch."""
        with transaction.atomic():
            Bill.objects.create(branch="K2")
            bill = Bill.objects.create(day=date(2027, 1, 1), branch="K2")
        bill.refresh_from_db()
        assert (bill.number, bill.code, bill.counted_in) == (1, "B-2027-K2-001", "2027")

    def test_no_number_without_a_transaction(self):
        """As for any number: a save that fails later would leave a gap."""
        with pytest.raises(NoTransaction):
            Bill.objects.create()

    def test_bulk_create_numbers_each(self):
        """In the order given, each in its own part."""
        with transaction.atomic():
            Bill.objects.bulk_create(
                [Bill(), Bill(branch="K2"), Bill(day=date(2027, 1, 1)), Bill()]
            )
        assert list(Bill.objects.order_by("pk").values_list("code", flat=True)) == [
            "B-2026-K1-001",
            "B-2026-K2-001",
            "B-2027-K1-001",
            "B-2026-K1-002",
        ]

    def test_after_integrity_error_another_one_is_drawn(self):
        """The number went back with the savepoint, and is not saved by accident."""
        with transaction.atomic():
            bill = Bill(total=-1)
            with pytest.raises(IntegrityError), transaction.atomic():
                bill.save()
            bill.total = 1
            with pytest.raises(StaleNumber), transaction.atomic():
                bill.save()
            bill.number = None
            bill.save()
        assert (bill.number, get_last_value("slips/2026/K1")) == (1, 1)

    def test_a_copy_is_refused(self):
        """``pk = None`` makes a new document, and its number belongs to the old one."""
        with transaction.atomic():
            Bill.objects.create()
            twin = Bill.objects.get()
            twin.pk, twin._state.adding = None, True
            with pytest.raises(InvalidNumber) as refusal, transaction.atomic():
                twin.save()
            twin.number = None
            twin.save()
        assert str(refusal.value) == (
            "new Bill cannot have number 1 of sequence 'slips': it was not drawn for "
            "this document. Set it to None to draw one; or give it one from elsewhere "
            "by NumberDocument."
        )
        assert (twin.number, twin.code) == (2, "B-2026-K1-002")

    @pytest.mark.parametrize("carried", [lambda it: it, copy.copy, copy.deepcopy])
    def test_a_copy_of_what_was_just_inserted_is_refused(self, carried):
        """Its number was drawn for the first of them, and is on it."""
        with transaction.atomic():
            bill = Bill.objects.create()
            twin = carried(bill)
            twin.pk, twin._state.adding = None, True
            with pytest.raises(InvalidNumber), transaction.atomic():
                twin.save()
        with pytest.raises(InvalidNumber), transaction.atomic():
            twin.save()
        assert Bill.objects.count() == 1

    def test_a_copy_of_a_proxy_is_refused(self):
        """Whatever it is called, it is the same document."""

        class Slip(Bill):
            class Meta:
                app_label = "documents"
                proxy = True

        with transaction.atomic():
            slip = Slip.objects.create()
            slip.pk, slip._state.adding = None, True
            with pytest.raises(InvalidNumber), transaction.atomic():
                slip.save()

    def test_the_same_document_may_be_inserted_again(self):
        """After it was deleted, or on another database: its key says that it is it."""
        with transaction.atomic():
            bill = Bill.objects.create()
        Bill.objects.all().delete()
        with transaction.atomic():
            bill.save()
        assert Bill.objects.get().code == "B-2026-K1-001"

    def test_a_number_put_there_by_hand_is_refused(self):
        """Its series does not know of it."""
        with pytest.raises(InvalidNumber), transaction.atomic():
            Bill.objects.create(number=7)
        assert not Bill.objects.exists()

    def test_a_number_from_elsewhere(self):
        """Old documents keep theirs, with a text that agrees; the counter stays."""
        bill = Bill(day=date(2019, 2, 1))
        NumberDocument.run(document=bill, value=88)
        bill.save()
        bill.refresh_from_db()
        assert (bill.code, bill.counted_in) == ("B-2019-K1-088", "2019")
        assert get_last_value("slips/2019/K1") is None

    def test_a_numbered_document_stays_in_its_period(self):
        """Otherwise its year would be missing one, and the next have one too many."""
        with transaction.atomic():
            Bill.objects.create()
        bill = Bill.objects.get()
        bill.day = date(2026, 12, 31)
        bill.save()
        bill.day = date(2027, 1, 1)
        with pytest.raises(InvalidNumber) as refusal:
            bill.save()
        assert str(refusal.value) == (
            f"Bill {bill.pk} cannot have number 1 of sequence 'slips': its code is "
            f"'B-2026-K1-001', and by its date and scope it would be 'B-2027-K1-001'. "
            f"A document with a number stays where it is counted: put it back, or call "
            f"refresh_from_db()."
        )

    @pytest.mark.parametrize("change", [{"number": 9}, {"code": "x"}, {"branch": "B"}])
    def test_nothing_of_it_is_changed_alone(self, change):
        """Number, text and scope belong together."""
        with transaction.atomic():
            Bill.objects.create()
        bill = Bill.objects.get()
        for name, value in change.items():
            setattr(bill, name, value)
        with pytest.raises(InvalidNumber):
            bill.save()

    def test_what_was_not_loaded_is_not_compared(self):
        """A deferred field is not written either."""
        with transaction.atomic():
            Bill.objects.create()
        bill = Bill.objects.only("total", "number").get()
        bill.total = 5
        bill.save()
        assert Bill.objects.get().total == 5

    def test_loaddata_writes_what_it_reads(self):
        """A fixture is the truth; its numbers are not drawn again."""
        with transaction.atomic():
            Bill.objects.create()
        data = serializers.serialize("json", Bill.objects.all())
        Bill.objects.all().delete()
        for each in serializers.deserialize("json", data):
            each.save()
        assert Bill.objects.get().code == "B-2026-K1-001"
        assert get_last_value("slips/2026/K1") == 1

    def test_a_form_does_not_show_it(self):
        """So that "save as new" in the admin draws another number."""
        assert "number" not in modelform_factory(Bill, fields="__all__").base_fields

    def test_without_its_date_there_is_no_number(self):
        """Nothing is taken."""
        with pytest.raises(InvalidSequence) as refusal, transaction.atomic():
            Bill.objects.create(day=None)
        assert str(refusal.value) == (
            "Sequence 'slips': new Bill has no day, which tells its period."
        )


@autocommit
class TestAnOrder:
    """A field that may be NULL: a draft, until it is numbered."""

    def test_a_draft_has_no_number(self):
        """Nothing is drawn for it."""
        order = Order.objects.create()
        assert (order.number, get_last_value("cases")) == (None, None)

    def test_a_draft_is_numbered(self):
        """And saved by whoever numbers it."""
        order = Order.objects.create()
        with transaction.atomic():
            done = NumberDocument.run(document=order)
            order.save()
        assert (done.value, done.text, Order.objects.get().number) == (1, "1", 1)

    @on_postgresql
    def test_the_insert_may_draw_it(self):
        """NextNumber is the series' own; what would go beside it, it cannot set."""
        Order.objects.create(number=NextNumber(order_numbers))
        assert Order.objects.get().number == 1
        with pytest.raises(InvalidNumber):
            Bill.objects.create(number=NextNumber(order_numbers))

    def test_once_is_enough(self):
        """A second draw would leave a gap."""
        with transaction.atomic():
            order = numbered()
            with pytest.raises(InvalidNumber) as refusal:
                NumberDocument.run(document=order)
        assert str(refusal.value) == (
            "new Order cannot have number 1 of sequence 'cases': it has it already. A "
            "number is drawn once for a document."
        )
        assert get_last_value("cases") == 1

    def test_a_number_that_was_rolled_back_is_refused(self):
        """Somebody else may have it; the document may be numbered again."""
        with transaction.atomic():
            order = numbered()
            transaction.set_rollback(True)
        with pytest.raises(StaleNumber) as refusal:
            order.save()
        assert str(refusal.value) == (
            "Cannot save new Order with number 1 of sequence 'cases': the transaction "
            "or savepoint that drew it was rolled back, and the number given back. "
            "Set number to None and number it again, or read it again from the "
            "database."
        )
        with transaction.atomic():
            NumberDocument.run(document=order)
            order.save()
        assert Order.objects.get().number == 1

    def test_a_saved_document_that_was_rolled_back_is_refused(self):
        """Django takes it for saved, and would insert it again."""
        with transaction.atomic():
            order = numbered()
            order.save()
            transaction.set_rollback(True)
        with pytest.raises(StaleNumber):
            order.save()
        assert not Order.objects.exists()

    def test_a_savepoint_gives_it_back_too(self):
        """The transaction goes on, and another number of it is good."""
        with transaction.atomic():
            with transaction.atomic():
                order = numbered()
                transaction.set_rollback(True)
            kept = numbered()
            kept.save()
            with pytest.raises(StaleNumber), transaction.atomic():
                order.save()
        kept.save()
        assert kept.number == 1

    def test_a_savepoint_behind_the_draw_does_not(self):
        """What failed there was not the draw."""
        with transaction.atomic():
            order = numbered()
            with transaction.atomic():
                order.save()
                transaction.set_rollback(True)
            order.pk = None
            order.save()
        assert Order.objects.get().number == 1

    def test_a_released_savepoint_does_not(self):
        """Its draw is the transaction's, until that ends."""
        with transaction.atomic():
            with transaction.atomic():
                order = numbered()
            order.save()
            transaction.set_rollback(True)
        with pytest.raises(StaleNumber):
            order.save()

    def test_a_commit_keeps_it(self):
        """Whatever rolls back later."""
        with transaction.atomic():
            order = numbered()
            order.save()
        with transaction.atomic():
            order.save()
            transaction.set_rollback(True)
        order.save()
        assert Order.objects.get().number == 1

    def test_what_is_read_again_is_no_longer_stale(self):
        """It has the number that the database has, even the same one."""
        order = Order.objects.create()
        with transaction.atomic():
            NumberDocument.run(document=order)
            transaction.set_rollback(True)
        Order.objects.update(number=1)
        order.refresh_from_db()
        order.save()
        assert order.number == 1

    @pytest.mark.parametrize(
        "carried",
        [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))],  # noqa: S301
        ids=["copy", "deepcopy", "pickle"],
    )
    def test_a_copy_in_memory_is_as_stale(self, carried):
        """The memory of the draw goes along."""
        with transaction.atomic():
            order = numbered()
            transaction.set_rollback(True)
        with pytest.raises(StaleNumber):
            carried(order).save()

    def test_what_was_pickled_before_the_commit_can_be_saved(self):
        """Nobody can tell what became of that transaction: it is taken as it is."""
        with transaction.atomic():
            order = numbered()
            order.save()
            pickled = pickle.dumps(order)
            assert pickle.loads(pickled).number == 1  # noqa: S301
        again = pickle.loads(pickled)  # noqa: S301
        again.save()
        assert Order.objects.get().number == 1

    def test_what_was_pickled_before_a_rollback_cannot_be_inserted(self):
        """Its number was not drawn for it, as far as anybody can tell."""
        with transaction.atomic():
            order = numbered()
            order.save()
            pickled = pickle.dumps(order)
            transaction.set_rollback(True)
        with pytest.raises(InvalidNumber):
            pickle.loads(pickled).save()  # noqa: S301
        assert not Order.objects.exists()

    def test_who_ends_transactions_himself_is_not_guarded(self):
        """Django runs no hooks there."""
        if connection.vendor == "sqlite":
            pytest.skip("SQLite's driver begins transactions in its own way.")
        transaction.set_autocommit(False)
        try:
            order = numbered()
            order.save()
            transaction.commit()
        finally:
            transaction.rollback()
            transaction.set_autocommit(True)
        assert Order.objects.get().number == 1

    def test_a_draw_within_the_same_transaction_is_found_among_many_hooks(self):
        """Others may register theirs as they like."""
        with transaction.atomic():
            order = numbered()
            for _ in range(3):
                transaction.on_commit(lambda: None)
            order.save()
        order.save()


@autocommit
def test_a_foreign_key_is_counted_by_its_key():
    """Who is called otherwise from now on goes on counting."""
    seller = Seller.objects.create(name="Acme")
    with transaction.atomic():
        Sale.objects.create(seller=seller)
        seller.name = "Acme & Sons"
        Sale.objects.create(seller=seller)

    assert list(Sale.objects.values_list("number", flat=True)) == [1, 2]
    assert get_last_value(f"sales/{seller.pk}") == 2


@autocommit
class TestHooks:
    """What others do at a commit is done to a number that is committed."""

    def test_a_hook_from_before_the_draw_may_save(self):
        """The commit has happened when it runs."""
        order = Order()
        with transaction.atomic():
            transaction.on_commit(order.save)
            NumberDocument.run(document=order)
            order.save()
        assert Order.objects.get().number == 1

    def test_a_hook_that_fails_changes_nothing(self):
        """The document is committed, and can be saved again."""

        def fail() -> None:
            raise ZeroDivisionError

        with suppress(ZeroDivisionError), transaction.atomic():
            transaction.on_commit(fail)
            order = numbered()
            order.save()
        order.save()
        assert Order.objects.get().number == 1

    def test_many_draws_share_one(self):
        """A thousand documents in one transaction cost no more than one each."""
        with transaction.atomic():
            for _ in range(3):
                numbered().save()
            hooks = len(connection.run_on_commit)
        assert hooks == 1


class TestWithinATestCase(TestCase):
    """Django's own transaction around a test is never committed."""

    @classmethod
    def setUpTestData(cls):
        """Make a document for all tests of the class."""
        with transaction.atomic():
            cls.order = numbered()
            cls.order.save()

    def test_a_number_can_be_saved(self):
        """As in production, after the test's own transaction has ended."""
        with transaction.atomic():
            order = numbered()
        order.save()
        assert order.number == 2

    def test_a_number_of_the_class_can_be_saved(self):
        """Django copies what setUpTestData made: it is the same draw."""
        self.order.save()

    def test_a_rollback_is_seen(self):
        """Of the transaction, which is a savepoint here."""
        with transaction.atomic():
            order = numbered()
            transaction.set_rollback(True)
        with pytest.raises(StaleNumber):
            order.save()

    def test_a_test_captures_its_own_hooks(self):
        """Those from before are not run by it."""
        ran = []
        transaction.on_commit(lambda: ran.append("before"))
        with self.captureOnCommitCallbacks(execute=True):
            with transaction.atomic():
                order = numbered()
            transaction.on_commit(lambda: ran.append("within"))
        order.save()
        assert ran == ["within"]

    def test_hooks_that_a_test_runs(self):
        """The number is kept then."""
        with self.captureOnCommitCallbacks(execute=True), transaction.atomic():
            order = numbered()
        order.save()


def field_of(sequence: Sequence, **options) -> NumberField:
    """Give a field that is on no model."""
    return NumberField(sequence, **options)


@autocommit
def test_a_number_that_no_rollback_gives_back_stays():
    """One of BLOCKS is gone at once, and may be saved later."""
    sequence = Sequence("tickets", guarantee=Guarantee.BLOCKS)
    field = field_of(sequence)
    field.set_attributes_from_name("number")
    order = Order()
    with transaction.atomic():
        field.set(order, sequence, 7)
        transaction.set_rollback(True)
    field.refuse_stale(order)


def test_migrations_see_a_plain_field():
    """Where numbers come from is no part of the schema."""
    field = Bill._meta.get_field("number")
    _, path, arguments, options = field.deconstruct()
    assert (path, arguments, options) == (
        "django.db.models.BigIntegerField",
        [],
        {"editable": False},
    )


def test_an_abstract_model_hands_it_on():
    """The field of each model knows its sequence."""

    class Numbered(models.Model):
        number = NumberField(Sequence("abstract"), null=True)

        class Meta:
            abstract = True
            app_label = "documents"

    class Concrete(Numbered):
        class Meta:
            abstract = True
            app_label = "documents"

    field = Concrete._meta.get_field("number")
    assert isinstance(field, NumberField)
    assert field.sequence.sequence_name == "abstract"
    assert field.null


@autocommit
class TestAScope:
    """What tells a part is what is stored, however it was written."""

    def test_a_key_is_what_is_stored_of_it(self):
        """Written with a nought in front, it is the same key."""
        seller = Seller.objects.create(name="A")
        with transaction.atomic():
            for key in (seller.pk, f"0{seller.pk}", str(seller.pk)):
                Sale.objects.create(seller_id=key)
        assert list(Sale.objects.order_by("pk").values_list("number", flat=True)) == [
            1,
            2,
            3,
        ]

    @pytest.mark.parametrize(
        ("field", "written", "stored"),
        [
            (models.UUIDField(), UUID(int=7).hex, str(UUID(int=7))),
            (models.DecimalField(max_digits=6, decimal_places=2), "1.5", "1.50"),
            (models.IntegerField(), True, "1"),
            (models.BooleanField(), 1, "True"),
            (models.CharField(max_length=9), "07", "07"),
        ],
    )
    def test_any_value_is_written_in_one_way(
        self, field: Any, written: object, stored: str
    ):
        """As the field gives it when it is read again."""
        assert as_stored(field, written) == stored


@autocommit
class TestSavedAfterAnother:
    """What was read before somebody numbered the document does not undo that."""

    def test_a_second_issuer_is_refused(self):
        """Both have drawn; the second is told, and rolls back."""
        key = Order.objects.create().pk
        first, second = (Order.objects.get(pk=key) for _ in range(2))
        with transaction.atomic():
            NumberDocument.run(document=first)
            first.save()
        with transaction.atomic():
            NumberDocument.run(document=second)
            with pytest.raises(InvalidNumber) as refusal:
                second.save()
            transaction.set_rollback(True)
        assert str(refusal.value) == (
            f"Order {key} cannot have number 2 of sequence 'cases': in the database it "
            f"has number 1, and would lose it. Call refresh_from_db(), and change it "
            f"then. Only QuerySet.update() takes a number away."
        )
        assert Order.objects.get().number == 1
        assert get_last_value("cases") == 1

    @pytest.mark.parametrize(
        ("named", "lost"),
        [
            (["number"], "code and counted_in"),
            (["counted_in", "number"], "code"),
            (["code", "total"], "counted_in and number"),
        ],
    )
    def test_what_goes_together_is_saved_together(self, named: list[str], lost: str):
        """A number is not saved without its text and period, nor they without it."""
        with transaction.atomic():
            bill = Bill.objects.create()
            bill.number = None
            NumberDocument.run(document=bill)
            with pytest.raises(InvalidNumber) as refusal:
                bill.save(update_fields=named)
            bill.save(update_fields=["total"])
            bill.save(update_fields=["code", "counted_in", "number"])
        bill.save(update_fields=["code"])
        assert str(refusal.value) == (
            f"Bill {bill.pk} cannot have number 2 of sequence 'slips': "
            f"update_fields leaves out {lost}, which would be lost. Name all that go "
            f"together, or leave update_fields out."
        )
        assert Bill.objects.values_list("number", "code").get() == (2, "B-2026-K1-002")

    def test_an_issuer_may_save_again(self):
        """It is his own number that he finds; later saves do not look."""
        order = Order.objects.create()
        with transaction.atomic():
            NumberDocument.run(document=order)
            order.save(update_fields=["number"])
            with CaptureQueriesContext(connection) as queries:
                order.save()
        order.save()
        assert [each["sql"][:6] for each in queries] == ["UPDATE"]
        assert Order.objects.get().number == 1

    @on_postgresql
    def test_a_save_that_was_undone_is_none(self, other: OtherSession):
        """Who saves again after a savepoint looks again: others may have been there."""
        order = Order.objects.create()
        with transaction.atomic():
            NumberDocument.run(document=order)
            with suppress(LookupError), transaction.atomic():
                order.save()
                raise LookupError
            other.run(lambda: Order.objects.update(number=77))
            with pytest.raises(InvalidNumber, match="it has number 77"):
                order.save()
            transaction.set_rollback(True)
        assert Order.objects.get().number == 77

    @pytest.mark.parametrize("key", [None, 77])
    def test_a_new_document_has_nothing_to_lose(self, key: int | None):
        """Nobody looks for it, whatever its key."""
        with CaptureQueriesContext(connection) as queries:
            Order(pk=key).save()
        assert not [each for each in queries if each["sql"].startswith("SELECT")]

    def test_a_document_that_is_gone_has_nothing_to_lose(self):
        """It is inserted again, as Django does."""
        order = Order.objects.create()
        Order.objects.all().delete()
        order.save()
        assert Order.objects.get().number is None

    def test_a_child_is_looked_up_where_its_number_is(self):
        """In the table of its parent."""
        rush = Rush.objects.create()
        Order.objects.update(number=7)
        with pytest.raises(InvalidNumber, match="it has number 7"):
            rush.save()

    @on_postgresql
    def test_a_line_of_a_draft_need_not_wait_for_who_saves_it(
        self, other: OtherSession
    ):
        """The look locks no more than the UPDATE after it."""
        order = Order.objects.create()
        other.begin()
        other.run(order.save)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            cursor.execute(
                "SELECT id FROM documents_order WHERE id = %s FOR KEY SHARE",
                [order.pk],
            )
        other.rollback()

    @on_postgresql
    def test_a_number_of_another_sequence_is_refused(self):
        """Also one that the database would draw."""
        with pytest.raises(InvalidNumber) as refusal:
            Order.objects.create(number=NextNumber("another"))
        assert str(refusal.value) == (
            "new Order cannot have number NextNumber('another') of sequence 'cases': "
            "it is numbered by 'cases'. Draw from that."
        )
        assert not Order.objects.exists()


def test_a_name_is_no_declaration():
    """There it is not said how the numbers are printed and counted."""
    with pytest.raises(InvalidSequence) as refusal:
        NumberField("slips")  # type: ignore[arg-type]
    assert str(refusal.value) == (
        "Sequence 'slips': a NumberField takes a declared one. Pass the Sequence "
        "itself."
    )


def test_the_fields_of_a_scope_are_given_by_name():
    """One text does not tell which of them it is."""
    sales = Sequence("sales", scope=("seller",))
    with pytest.raises(InvalidSequence) as refusal:
        NumberField(sales, scope="seller")  # type: ignore[arg-type]
    assert str(refusal.value) == (
        "Sequence 'sales': scope= must be fields by name, as {'branch': 'shop_code'}."
    )


@pytest.mark.parametrize(
    ("sequence", "options", "reason"),
    [
        (
            Sequence("x"),
            {"on": "day"},
            "it counts through all periods. Leave on= and period= out.",
        ),
        (
            Sequence("x", guarantee=Guarantee.GROUPED, column=COLUMN),
            {"text": "code"},
            (
                "it is declared as GROUPED: its documents have no number at first. Say "
                "null=True."
            ),
        ),
    ],
)
def test_what_makes_no_sense(sequence, options, reason):
    """It is refused where it is written."""
    with pytest.raises(InvalidSequence) as refusal:
        field_of(sequence, **options)
    assert str(refusal.value) == f"Sequence 'x': {reason}"


@pytest.mark.parametrize(
    ("document", "name", "sentence"),
    [
        (
            Bill(),
            "code",
            (
                "Column 'documents.Bill.code': documents.Bill has number. Name one "
                "NumberField."
            ),
        ),
        (
            Document(),
            None,
            (
                "Column 'documents.Document': documents.Document has no NumberField. "
                "Name one NumberField."
            ),
        ),
    ],
)
def test_a_field_that_is_not_there(document, name, sentence):
    """Nothing is drawn."""
    with pytest.raises(InvalidColumn) as refusal:
        NumberDocument.run(document=document, field=name)
    assert str(refusal.value) == sentence
