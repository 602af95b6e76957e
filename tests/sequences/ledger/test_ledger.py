"""The ledger: each number is written there once, and a key finds it again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connections, transaction

from sequences import (
    AllocateNumber,
    AllocateNumbers,
    CloseSequence,
    Guarantee,
    InvalidSequence,
    NextNumber,
    NumberVoid,
    Sequence,
    SequenceClosed,
    SequenceError,
    SequenceExhausted,
    SequenceInUse,
    SetCounter,
    VoidNumber,
    delete,
    get_last_value,
    get_next_value,
)
from sequences.counters import Counter
from sequences.models import LedgerEntry
from sequences.testing import OtherSession
from tests.documents.models import Document
from tests.sequences.ledger.proxy import LosesCommit
from tests.sequences.marks import autocommit, on_postgresql

ORDERS = Sequence("orders", ledger=True)


def allocate(**told) -> AllocateNumber.outputs:
    """Take a number in a transaction of its own."""
    with transaction.atomic():
        return AllocateNumber.run(sequence=ORDERS, **told)


def entries() -> list[tuple]:
    """Give what the ledger says, in the order in which it was written."""
    facts = ("name", "first", "last", "state", "key", "document", "user", "reason")
    return list(LedgerEntry.objects.order_by("id").values_list(*facts))


class TestDeclaring:
    """Sequence(ledger=True)."""

    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            ({"ledger": 1}, "ledger must be bool, got int 1."),
            (
                {"ledger": True, "reset_value": 9},
                "it cannot loop and have a ledger: its numbers would meet again.",
            ),
            (
                {"ledger": True, "initial_value": 9, "increment": -1},
                "it cannot count down and have a ledger.",
            ),
            (
                {"ledger": True, "guarantee": Guarantee.BLOCKS},
                (
                    "it cannot be BLOCKS and have a ledger: its numbers come from "
                    "memory, without a transaction to write in."
                ),
            ),
            (
                {"ledger": True, "guarantee": Guarantee.NATIVE},
                (
                    "it cannot be NATIVE and have a ledger: the database gives its "
                    "numbers out beside every transaction."
                ),
            ),
            (
                {"ledger": True, "guarantee": Guarantee.POOLED, "column": "a.B.c"},
                (
                    "it cannot be POOLED and have a ledger: a number given back is "
                    "given out to somebody else."
                ),
            ),
            (
                {"ledger": True, "guarantee": Guarantee.GROUPED, "column": "a.B.c"},
                (
                    "it cannot be GROUPED and have a ledger: its documents are "
                    "numbered all at once, and ask for no key."
                ),
            ),
        ],
    )
    def test_what_cannot_hold_is_refused(self, options, reason):
        """A ledger is promised only where each number is written with its number."""
        with pytest.raises(InvalidSequence) as refusal:
            Sequence("orders", **options)
        assert str(refusal.value) == f"Sequence 'orders': {reason}"


@autocommit
class TestWriting:
    """What is written with a number."""

    def test_each_number_has_an_entry(self):
        """
        Key, document and user, as far as they were told; objects by their key.

        With a document it is assigned at once, and without one reserved.
        """
        document = Document.objects.create()
        ada = User.objects.create_user("ada")
        allocate()
        allocate(key="order-17", document=document, user=ada)
        allocate(document="paper 3", user="ada")
        assert entries() == [
            ("orders", 1, 1, "reserved", None, "", "", ""),
            (
                "orders",
                2,
                2,
                "assigned",
                "order-17",
                f"documents.Document:{document.pk}",
                f"auth.User:{ada.pk}",
                "",
            ),
            ("orders", 3, 3, "assigned", None, "paper 3", "ada", ""),
        ]

    def test_many_numbers_have_one(self):
        """A batch is one entry, whatever its size."""
        tens = Sequence("tens", 10, increment=10, ledger=True)
        with transaction.atomic():
            AllocateNumbers.run(sequence=tens, count=1_000, key="all", user="ada")
            AllocateNumbers.run(sequence=tens, count=0, key="none")
        assert entries() == [("tens", 10, 10_000, "reserved", "all", "", "ada", "")]

    def test_a_rollback_leaves_none(self):
        """The entry belongs to the transaction of its number."""
        with transaction.atomic():
            AllocateNumber.run(sequence=ORDERS, key="order-17")
            transaction.set_rollback(True)
        assert entries() == []
        assert allocate(key="order-17").value == 1

    def test_a_refused_number_leaves_none(self):
        """At the end of the series nothing is written."""
        single = Sequence("single", max_value=1, ledger=True)
        with transaction.atomic():
            AllocateNumber.run(sequence=single, key="first")
            with pytest.raises(SequenceExhausted):
                AllocateNumber.run(sequence=single, key="second")
            with pytest.raises(SequenceExhausted):
                AllocateNumber.run(sequence=single)
            assert AllocateNumber.run(sequence=single, key="first").found
        assert len(entries()) == 1

    def test_the_last_number_of_all_is_never_given_out(self):
        """A counter that stands at 2**63 - 1 is closed, and was not used up."""
        with transaction.atomic():
            SetCounter.run(sequence=ORDERS, last=2**63 - 2)
            with pytest.raises(SequenceExhausted):
                AllocateNumber.run(sequence=ORDERS)

    def test_a_part_has_its_own(self):
        """The entry names the counter: the same key in another year is another."""
        yearly = Sequence("bills", period="year", ledger=True)
        with transaction.atomic():
            for year in (2026, 2027, 2026):
                on = date(year, 1, 1)
                AllocateNumber.run(sequence=yearly, on=on, key="order-17")
        assert [entry[:2] for entry in entries()] == [
            ("bills/2026", 1),
            ("bills/2027", 1),
        ]

    def test_the_functions_of_the_sequence_write_too(self):
        """Whichever way a declared sequence is asked, in a transaction or not."""
        assert ORDERS.get_next_value() == 1
        assert ORDERS.get_next_values(3) == range(2, 5)
        assert next(ORDERS) == 5
        assert [entry[1:3] for entry in entries()] == [(1, 1), (2, 4), (5, 5)]

    def test_no_number_is_drawn_past_it(self):
        """NextNumber could not write, and is refused."""
        with pytest.raises(InvalidSequence) as refusal:
            NextNumber(ORDERS)
        assert str(refusal.value) == (
            "Sequence 'orders': it has a ledger, and NextNumber writes none. Take the "
            "number with AllocateNumber."
        )

    def test_a_plain_sequence_writes_nothing(self):
        """Who declares no ledger pays for none."""
        with transaction.atomic():
            AllocateNumber.run(sequence="plain")
        assert entries() == []

    @pytest.mark.parametrize("facts", [{"key": "k"}, {"user": "u"}, {"document": "d"}])
    def test_nothing_is_told_in_vain(self, facts):
        """Facts for a ledger that is not there are refused, not lost."""
        with transaction.atomic(), pytest.raises(InvalidSequence) as refusal:
            AllocateNumber.run(sequence="plain", **facts)
        assert str(refusal.value) == (
            "Sequence 'plain': it has no ledger. Declare it with ledger=True."
        )
        assert get_last_value("plain") is None

    @pytest.mark.parametrize(
        ("facts", "reason"),
        [
            ({"key": ""}, "its key is empty. Say something, or leave it out."),
            ({"key": "  "}, "its key is empty. Say something, or leave it out."),
            (
                {"key": "x" * 201},
                "its key has 201 characters, at most 200 are possible.",
            ),
            ({"key": "a\0b"}, "its key holds the invisible character U+0000."),
            ({"key": "a\ud800"}, "its key holds the invisible character U+D800."),
            (
                {"key": "e\u0301"},
                (
                    "its key is not in Unicode's composed form. Pass it through "
                    "unicodedata.normalize('NFC', ...)."
                ),
            ),
            ({"user": "a\u202eb"}, "its user holds the invisible character U+202E."),
            (
                {"document": "x" * 256},
                "its document has 256 characters, at most 255 are possible.",
            ),
            (
                {"document": Document()},
                "its document has no primary key yet. Save it first.",
            ),
        ],
    )
    def test_hostile_facts_are_refused(self, facts, reason):
        """What a column cannot keep, or a reader not see, is refused; none is taken."""
        with transaction.atomic(), pytest.raises(InvalidSequence) as refusal:
            AllocateNumber.run(sequence=ORDERS, **facts)
        assert str(refusal.value) == f"Sequence 'orders': {reason}"
        assert get_last_value("orders") is None


@autocommit
class TestTheKey:
    """A repeated call."""

    def test_it_finds_its_number(self):
        """The same key, the same number; the counter stays."""
        first = allocate(key="order-17")
        allocate(key="order-18")
        again = allocate(key="order-17")
        assert (first.value, first.found) == (1, False)
        assert (again.value, again.text, again.found) == (1, "1", True)
        assert get_last_value("orders") == 2
        assert len(entries()) == 2

    def test_it_finds_its_numbers(self):
        """A batch is found whole."""
        with transaction.atomic():
            for found in (False, True):
                done = AllocateNumbers.run(sequence=ORDERS, count=3, key="import")
                assert (done.values, done.found) == (range(1, 4), found)

    def test_another_count_is_refused(self):
        """Then the key means something else: it is a mistake of the caller."""
        with transaction.atomic():
            AllocateNumbers.run(sequence=ORDERS, count=3, key="import")
            with pytest.raises(InvalidSequence) as refusal:
                AllocateNumber.run(sequence=ORDERS, key="import")
        assert str(refusal.value) == (
            "Sequence 'orders': key 'import' was given 3 numbers, not 1."
        )

    def test_keys_differ_by_every_character(self):
        """To each database, as names do."""
        keys = ["order", "Order", "order ", "örder", "order\u3000"]
        numbers = [allocate(key=key).value for key in keys]
        assert numbers == [1, 2, 3, 4, 5]

    def test_each_sequence_has_its_own(self):
        """The same key of another sequence is another key."""
        returns = Sequence("returns", ledger=True)
        allocate()
        with transaction.atomic():
            assert AllocateNumber.run(sequence=returns, key="k").value == 1
        assert allocate(key="k").value == 2

    def test_it_does_not_find_what_is_void(self):
        """A void number is never used again, by nobody."""
        allocate(key="order-17")
        VoidNumber.run(sequence=ORDERS, value=1, reason="misprint")
        with pytest.raises(NumberVoid) as refusal:
            allocate(key="order-17")
        assert (refusal.value.value, refusal.value.reason) == (1, "misprint")

    @pytest.mark.parametrize("first_has_begun", [False, True])
    def test_the_second_waits_and_finds(
        self,
        other: OtherSession,
        first_has_begun: bool,  # noqa: FBT001
    ):
        """Two at once with one key get one number; also when it is the very first."""
        if first_has_begun:
            allocate()
        with transaction.atomic():
            mine = AllocateNumber.run(sequence=ORDERS, key="order-17").value
            theirs = other.start(allocate, key="order-17")
            other.wait_until_blocked()
        result = theirs.result()
        assert (result.value, result.found) == (mine, True)
        assert get_last_value("orders") == mine

    def test_after_a_rollback_the_second_allocates(self, other: OtherSession):
        """What the first was given is the second's now."""
        allocate()
        with transaction.atomic():
            AllocateNumber.run(sequence=ORDERS, key="order-17")
            theirs = other.start(allocate, key="order-17")
            other.wait_until_blocked()
            transaction.set_rollback(True)
        result = theirs.result()
        assert (result.value, result.found) == (2, False)
        assert len(entries()) == 2

    def test_a_database_without_one_statement_does_so_too(self):
        """The steps alone, through the ORM."""
        for found in (False, True):
            with transaction.atomic():
                run = AllocateNumber.stepper(sequence=ORDERS, key="k")
                run.do("validate")
                run.internals.counter = Counter(ORDERS, connections["default"])
                done = run.finish()
                assert (done.value, done.found) == (1, found)

    @on_postgresql
    def test_it_finds_its_number_after_a_lost_commit(self):
        """COMMIT's answer is lost: nobody knows how it ended, and the key tells."""
        allocate()
        with unanswered("default"), pytest.raises(OperationalError):
            allocate(key="order-17")
        again = allocate(key="order-17")
        assert (again.value, again.found) == (2, True)
        assert [entry[1] for entry in entries()] == [1, 2]

    @on_postgresql
    def test_without_a_key_a_lost_commit_costs_a_number(self):
        """The control: the same without a key takes a second number."""
        with unanswered("default"), pytest.raises(OperationalError):
            allocate()
        assert allocate().value == 2


@contextmanager
def unanswered(using: str) -> Iterator[None]:
    """Let the connection of this thread lose the answer to its next COMMIT."""
    connection = connections[using]
    settings = connection.settings_dict
    host, port = settings["HOST"], settings["PORT"]
    with LosesCommit(int(port)) as proxy:
        connection.close()
        settings.update(HOST="127.0.0.1", PORT=str(proxy.port))
        try:
            yield
        finally:
            connection.close()
            settings.update(HOST=host, PORT=port)
        assert proxy.lost.is_set()


@autocommit
class TestDelete:
    """A sequence whose numbers stand in the ledger."""

    @pytest.mark.parametrize(
        "deletion", [ORDERS.delete, lambda: delete("orders")], ids=["itself", "by name"]
    )
    def test_it_is_not_deleted(self, deletion: Callable[[], bool]):
        """It would start again with numbers that exist."""
        allocate()
        with pytest.raises(SequenceInUse) as refusal:
            deletion()
        assert (refusal.value.sequence, refusal.value.entries) == ("orders", 1)
        assert get_last_value("orders") == 1

    def test_one_that_gave_out_none_is(self):
        """Without an entry nothing depends on it."""
        get_next_value("orders")
        assert ORDERS.delete()
        assert not ORDERS.delete()

    def test_a_closed_one_is_not(self):
        """Not even one that gave out none: it would be closed and give numbers out."""
        CloseSequence.run(sequence=ORDERS, reason="the end")
        with pytest.raises(SequenceInUse) as refusal:
            ORDERS.delete()
        assert str(refusal.value) == (
            "Sequence 'orders' cannot be deleted: it is closed, and would give out its "
            "first number again. Leave it closed."
        )
        with pytest.raises(SequenceClosed):
            allocate()

    def test_it_waits_for_who_is_given_a_number(self, other: OtherSession):
        """An entry that is still open counts."""
        with transaction.atomic():
            AllocateNumber.run(sequence=ORDERS)
            deleting = other.start(ORDERS.delete)
            other.wait_until_blocked()
        with pytest.raises(SequenceError):
            deleting.result()
        assert get_last_value("orders") == 1
