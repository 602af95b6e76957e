"""SetCounter: its flow, each step alone, and the whole."""

import pytest
from django.db import transaction

from sequences import (
    CounterBehind,
    InvalidSequence,
    NoTransaction,
    Sequence,
    SetCounter,
    get_last_value,
    get_next_value,
)
from sequences.testing import OtherSession
from services import Failure
from tests.sequences.flow import flow_of
from tests.sequences.marks import autocommit

TENS = Sequence("tens", initial_value=10, increment=10, max_value=50)


def test_the_flow():
    """Under the lock it is seen whether the counter would go backward."""
    assert flow_of(SetCounter) == [
        "validate",
        "lock",
        "check_direction unless is_forced",
        "open_again if is_closed",
        "persist",
    ]


@autocommit
class TestValidate:
    """The step `validate`."""

    @pytest.mark.parametrize("last", [-1, 2**63])
    @transaction.atomic
    def test_it_refuses_what_no_counter_can_hold(self, last: int):
        """A counter is a number of 63 bits."""
        run = SetCounter.stepper(sequence="invoices", last=last)
        with pytest.raises(InvalidSequence) as refusal:
            run.do("validate")
        assert str(refusal.value) == (
            f"Sequence 'invoices': a counter stands between 0 and 2**63 - 1, not "
            f"{last}."
        )

    def test_it_refuses_without_a_transaction(self):
        """Outside of one the lock would not last."""
        with pytest.raises(NoTransaction) as refusal:
            SetCounter.stepper(sequence="invoices", last=7).do("validate")
        assert str(refusal.value) == (
            "Cannot set sequence 'invoices': no transaction is open on database "
            "'default'. Wrap the call in one transaction.atomic() block."
        )

    @pytest.mark.parametrize("last", [15, 60, 999])
    @transaction.atomic
    def test_it_refuses_what_is_no_number_of_the_sequence(self, last: int):
        """From there it would give out others than it declares, or none."""
        with pytest.raises(InvalidSequence) as refusal:
            SetCounter.stepper(sequence=TENS, last=last).do("validate")
        assert str(refusal.value) == f"Sequence 'tens': {last} is none of its numbers."

    @pytest.mark.parametrize("last", [0, 10, 50])
    @transaction.atomic
    def test_it_takes_each_number_and_the_one_in_front(self, last: int):
        """In front of the first, the first comes next."""
        SetCounter.stepper(sequence=TENS, last=last).do("validate")


@autocommit
class TestLock:
    """The step `lock`."""

    @pytest.mark.parametrize("last", [None, 7])
    @transaction.atomic
    def test_it_tells_where_the_counter_stood(self, last: int | None):
        """None if there was none."""
        if last is not None:
            get_next_value("invoices", last)
        run = SetCounter.stepper(sequence="invoices", last=9)
        run.until("lock")
        run.do("lock")
        assert run.outputs.before == last

    def test_nobody_takes_a_number_in_between(self, other: OtherSession):
        """The next caller waits, and goes on from the new number."""
        get_next_value("invoices")
        with transaction.atomic():
            run = SetCounter.stepper(sequence="invoices", last=99)
            run.until("check_direction")
            theirs = other.start(get_next_value, "invoices")
            other.wait_until_blocked()
            run.finish()
        assert theirs.result() == 100


class TestCheckDirection:
    """The step `check_direction`."""

    @pytest.mark.parametrize("before", [None, 6, 7])
    def test_forward_is_right(self, before: int | None):
        """A new counter, a step forward, and standing still pass."""
        run = SetCounter.stepper(sequence="invoices", last=7)
        run.outputs.before = before
        run.do("check_direction")

    def test_backward_is_refused(self):
        """Backward, numbers would be given out again."""
        run = SetCounter.stepper(sequence="invoices", last=7)
        run.outputs.before = 8
        with pytest.raises(CounterBehind) as refusal:
            run.do("check_direction")
        assert str(refusal.value) == (
            "Sequence 'invoices' stands at 8 and cannot be set back to 7: it would "
            "give out numbers again. If none of the numbers after 7 exists, use "
            "SetCounter with force, or 'set_sequence --force'."
        )


@autocommit
@pytest.mark.parametrize("last", [None, 3])
@transaction.atomic
def test_persist_moves_the_counter(last: int | None):
    """The step `persist` stores the number and tells it."""
    if last is not None:
        get_next_value("invoices", last)
    run = SetCounter.stepper(sequence="invoices", last=9)
    run.until("persist")
    assert get_last_value("invoices") == last
    run.do("persist")
    assert (get_last_value("invoices"), run.outputs.after) == (9, 9)


@autocommit
class TestTheWhole:
    """SetCounter run."""

    @transaction.atomic
    def test_counting_goes_on_from_there(self):
        """The number after the one that was set comes next."""
        done = SetCounter.run(sequence="invoices", last=41)
        assert (done.before, done.after) == (None, 41)
        assert get_next_value("invoices") == 42

    @transaction.atomic
    def test_backward_is_a_failure_that_moves_nothing(self):
        """A caller may expect it."""
        get_next_value("invoices", 9)
        outcome = SetCounter.attempt(sequence="invoices", last=4)
        assert isinstance(outcome, Failure)
        assert outcome.error.facts == {"sequence": "invoices", "before": 9, "after": 4}
        assert get_last_value("invoices") == 9

    @transaction.atomic
    def test_force_takes_the_responsibility(self):
        """With force it moves backward."""
        get_next_value("invoices", 9)
        done = SetCounter.run(sequence=Sequence("invoices"), last=4, force=True)
        assert (done.before, done.after) == (9, 4)
        assert get_next_value("invoices") == 5

    @transaction.atomic
    def test_one_that_counts_down_moves_down(self):
        """Forward is where it counts to; upward it would give numbers out again."""
        down = Sequence("down", 9, increment=-1)
        SetCounter.run(sequence=down, last=7)
        SetCounter.run(sequence=down, last=4)
        with pytest.raises(CounterBehind):
            SetCounter.run(sequence=down, last=6)
        assert get_last_value("down") == 4

    def test_a_rollback_takes_it_back(self):
        """It is part of the caller's transaction."""
        with transaction.atomic():
            SetCounter.run(sequence="invoices", last=4)
            transaction.set_rollback(True)
        assert get_last_value("invoices") is None
