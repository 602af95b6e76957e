"""AllocateNumber: its flow, each step alone, and the whole."""

import pytest
from django.db import connection, transaction

from sequences import (
    AllocateNumber,
    InvalidSequence,
    LockBusy,
    NoTransaction,
    Sequence,
    SequenceExhausted,
    get_last_value,
    get_next_value,
)
from sequences.counters import Counter, counter_for
from sequences.testing import OtherSession
from services import Failure, InputError, Success
from tests.sequences.flow import flow_of
from tests.sequences.marks import autocommit, with_row_locks

HOURS = Sequence("hours", 0, 24)


def test_the_flow():
    """One statement where it can be; else lock, increment or loop, persist."""
    assert flow_of(AllocateNumber) == [
        "validate",
        "hold if has_key",
        "find if has_key",
        "advance if in_one_statement",
        "lock unless in_one_statement",
        "require_aligned unless in_one_statement",
        "increment_or_loop unless in_one_statement",
        "assign",
        "persist unless in_one_statement",
        "record if has_ledger",
    ]


@autocommit
class TestValidate:
    """The step `validate`."""

    @transaction.atomic
    def test_it_finds_the_counter(self):
        """The counter is that of the sequence, on the database of the routers."""
        run = AllocateNumber.stepper(sequence=HOURS)
        run.do("validate")
        assert (run.internals.counter.sequence, run.internals.counter.using) == (
            HOURS,
            "default",
        )

    def test_it_refuses_without_a_transaction(self):
        """Outside of a transaction a number could be lost: none is taken."""
        run = AllocateNumber.stepper(sequence="invoices")
        with pytest.raises(NoTransaction) as refusal:
            run.do("validate")
        assert str(refusal.value) == (
            "Cannot take a number from sequence 'invoices': no transaction is open on "
            "database 'default'. Wrap the call, and the save that uses the number, in "
            "one transaction.atomic() block."
        )

    @transaction.atomic
    def test_it_refuses_an_impossible_name(self):
        """A name given instead of a Sequence is checked like one."""
        run = AllocateNumber.stepper(sequence="x" * 101)
        with pytest.raises(InvalidSequence) as refusal:
            run.do("validate")
        assert str(refusal.value) == (
            f"Sequence '{'x' * 100}': its name has 101 characters, at most 100 are "
            f"possible."
        )


@autocommit
class TestAdvance:
    """The step `advance`."""

    @transaction.atomic
    def test_it_moves_the_counter_and_keeps_the_number(self):
        """The counter stands at the number that the next step assigns."""
        get_next_value("invoices")
        run = AllocateNumber.stepper(sequence="invoices")
        run.until("advance")
        run.do("advance")
        assert run.internals.next == 2
        assert get_last_value("invoices") == 2


@autocommit
class TestLock:
    """The step `lock`."""

    @pytest.mark.parametrize("last", [None, 7])
    @transaction.atomic
    def test_it_reads_the_last_number(self, last: int | None):
        """It gives the last number, or None before the first, and moves nothing."""
        if last is not None:
            get_next_value("invoices", last)
        run = AllocateNumber.stepper(sequence="invoices", nowait=True)
        run.until("lock")
        run.do("lock")
        assert run.internals.last == get_last_value("invoices") == last

    @pytest.mark.parametrize("last", [None, 7])
    def test_it_holds_the_counter(self, other: OtherSession, last: int | None):
        """Nobody else takes a number until the transaction ends."""
        if last is not None:
            get_next_value("held", last)
        with transaction.atomic():
            run = AllocateNumber.stepper(sequence="held", nowait=True)
            run.until("assign")
            run.do("persist")
            theirs = other.start(get_next_value, "held", last or 1)
            other.wait_until_blocked()
        assert theirs.result() == run.internals.next + 1

    @with_row_locks
    def test_it_does_not_wait_for_who_will_not(self, other: OtherSession):
        """With nowait, a counter that another transaction holds is a LockBusy."""
        run = AllocateNumber.stepper(sequence="held", nowait=True)
        other.begin()
        other.run(run.until, "lock")
        with transaction.atomic():
            get_next_value("held")
            with pytest.raises(LockBusy) as refusal:
                other.run(run.do, "lock")
        assert other.run(get_next_value, "another") == 1
        assert str(refusal.value) == (
            "Sequence 'held' is locked by another transaction on database 'default'. "
            "Call without nowait to wait for it, or try again."
        )


@autocommit
class TestIncrementOrLoop:
    """The step `increment_or_loop`."""

    @pytest.mark.parametrize(("last", "following"), [(None, 0), (22, 23), (23, 0)])
    @transaction.atomic
    def test_it_counts_on(self, last: int | None, following: int):
        """From the last number to the next, or around."""
        run = AllocateNumber.stepper(sequence=HOURS)
        run.internals.last = last
        run.do("increment_or_loop")
        assert run.internals.next == following

    def test_it_refuses_at_the_end(self):
        """Behind the last number comes the refusal."""
        run = AllocateNumber.stepper(sequence=Sequence("tickets", max_value=8))
        run.internals.last = 8
        with pytest.raises(SequenceExhausted) as refusal:
            run.do("increment_or_loop")
        assert str(refusal.value) == (
            "Sequence 'tickets' has no number left: it stands at 8 and ends at 8. "
            "Raise its limit, or start a new sequence."
        )


@pytest.mark.django_db
def test_assign_gives_the_number():
    """The step `assign` puts the number out, and as it is printed."""
    run = AllocateNumber.stepper(sequence="invoices")
    run.internals.counter = counter_for(Sequence("invoices", format="INV-{value:03d}"))
    run.internals.next = 7
    run.do("assign")
    assert (run.outputs.value, run.outputs.text) == (7, "INV-007")


@autocommit
class TestPersist:
    """The step `persist`."""

    @pytest.mark.parametrize("last", [None, 7])
    @transaction.atomic
    def test_it_moves_the_counter(self, last: int | None):
        """A counter is created, or moved, to the number."""
        if last is not None:
            get_next_value("invoices", last)
        run = AllocateNumber.stepper(sequence="invoices", nowait=True)
        run.until("persist")
        assert get_last_value("invoices") == last
        run.do("persist")
        assert get_last_value("invoices") == (last or 0) + 1


@autocommit
class TestInOneStatement:
    """The condition `in_one_statement`."""

    @pytest.mark.parametrize("nowait", [False, True])
    @transaction.atomic
    def test_every_tested_database_can(self, nowait: bool):  # noqa: FBT001
        """It holds unless the caller will not wait."""
        counter = counter_for(Sequence("invoices"))
        assert counter.advances_in_one_statement()
        run = AllocateNumber.stepper(sequence="invoices", nowait=nowait)
        run.until("assign")
        assert hasattr(run.internals, "last") is nowait

    @transaction.atomic
    def test_another_database_takes_the_steps(self):
        """A counter through the ORM alone does not advance in one statement."""
        run = AllocateNumber.stepper(sequence="invoices")
        run.do("validate")
        run.internals.counter = Counter(Sequence("invoices"), connection)
        assert run.finish().value == 1
        assert run.internals.last is None
        assert get_last_value("invoices") == 1


@autocommit
class TestTheWhole:
    """AllocateNumber run."""

    @transaction.atomic
    def test_it_counts(self):
        """One number after another."""
        numbers = [AllocateNumber.run(sequence="invoices").value for _ in range(3)]
        assert numbers == [1, 2, 3]

    @transaction.atomic
    def test_it_counts_as_declared(self):
        """Start, step, end and loop are those of the sequence."""
        fives = Sequence("fives", 5, increment=5, max_value=15)
        assert [AllocateNumber.run(sequence=fives).value for _ in range(3)] == [
            5,
            10,
            15,
        ]
        small = Sequence("small", 0, 2)
        assert [AllocateNumber.run(sequence=small).value for _ in range(3)] == [0, 1, 0]

    def test_outside_of_a_transaction_nothing_is_taken(self):
        """The refusal leaves no trace."""
        with pytest.raises(NoTransaction):
            AllocateNumber.run(sequence="invoices")
        assert get_last_value("invoices") is None

    @transaction.atomic
    def test_attempt_gives_what_can_be_expected_as_a_value(self):
        """No number left is a Failure, and the transaction goes on."""
        single = Sequence("single", max_value=1)
        first, second = (AllocateNumber.attempt(sequence=single) for _ in range(2))
        assert isinstance(first, Success)
        assert isinstance(second, Failure)
        assert first.outputs.value == 1
        assert second.error.code == "exhausted"
        assert get_last_value("single") == 1

    def test_other_inputs_are_refused(self):
        """What is neither a sequence nor a name is an InputError."""
        with pytest.raises(InputError) as refusal:
            AllocateNumber.run(sequence=7)  # type: ignore[arg-type]
        assert str(refusal.value) == (
            "AllocateNumber refuses its inputs, one problem:\n"
            "  sequence must be Sequence or str, got int 7"
        )
