"""AllocateNumbers: its flow, each step alone, and the whole."""

import pytest
from django.db import connection, transaction

from sequences import (
    AllocateNumbers,
    InvalidSequence,
    NoTransaction,
    Sequence,
    SequenceExhausted,
    get_last_value,
    get_next_value,
    get_next_values,
)
from sequences.counters import Counter
from sequences.testing import OtherSession
from tests.sequences.flow import flow_of
from tests.sequences.marks import autocommit, with_row_locks

HOURS = Sequence("hours", 0, 24)


def test_the_flow():
    """The same steps as for one number."""
    assert flow_of(AllocateNumbers) == [
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

    @pytest.mark.parametrize("count", [-1, 2**63])
    @transaction.atomic
    def test_it_refuses_an_impossible_count(self, count: int):
        """A count is between none and all numbers there are."""
        run = AllocateNumbers.stepper(sequence="invoices", count=count)
        with pytest.raises(InvalidSequence) as refusal:
            run.do("validate")
        assert str(refusal.value) == (
            f"Sequence 'invoices': a batch has between 0 and 2**63 - 1 numbers, "
            f"not {count}."
        )

    @pytest.mark.parametrize("count", [0, 1])
    def test_it_refuses_without_a_transaction(self, count: int):
        """Also none are refused, so that the mistake shows in the first test."""
        run = AllocateNumbers.stepper(sequence="invoices", count=count)
        with pytest.raises(NoTransaction):
            run.do("validate")

    @transaction.atomic
    def test_none_end_the_run(self):
        """0 numbers are the empty range; the run is over and left no trace."""
        run = AllocateNumbers.stepper(sequence="invoices", count=0)
        run.do("validate")
        assert run.is_done
        assert run.finish().values == range(0)
        assert get_last_value("invoices") is None


@autocommit
class TestAdvance:
    """The step `advance`."""

    @transaction.atomic
    def test_it_moves_the_counter_by_as_many(self):
        """The counter stands at the last of the numbers."""
        get_next_value("invoices")
        run = AllocateNumbers.stepper(sequence="invoices", count=3)
        run.until("advance")
        run.do("advance")
        assert run.internals.next == range(2, 5)
        assert get_last_value("invoices") == 4


@autocommit
class TestLock:
    """The step `lock`."""

    @transaction.atomic
    def test_it_reads_the_last_number(self):
        """It gives the last number and moves nothing."""
        get_next_value("hours", 22)
        run = AllocateNumbers.stepper(sequence=HOURS, count=2)
        run.until("lock")
        run.do("lock")
        assert run.internals.last == get_last_value("hours") == 22

    def test_it_holds_the_counter(self, other: OtherSession):
        """Nobody else takes a number until the transaction ends."""
        get_next_value("hours", 22)
        with transaction.atomic():
            run = AllocateNumbers.stepper(sequence=HOURS, count=2)
            run.until("assign")
            theirs = other.start(HOURS.get_next_value)
            other.wait_until_blocked()
        assert theirs.result() == 23


@with_row_locks
@autocommit
def test_a_second_caller_with_the_same_key_waits(other: OtherSession):
    """And is given the numbers of the first, who has committed them."""
    imports = Sequence("imports", ledger=True)

    def take() -> object:
        with transaction.atomic():
            return AllocateNumbers.run(sequence=imports, count=2, key="k").values

    with transaction.atomic():
        mine = AllocateNumbers.run(sequence=imports, count=2, key="k").values
        theirs = other.start(take)
        other.wait_until_blocked()
    assert theirs.result() == mine == range(1, 3)


@pytest.mark.parametrize(
    ("last", "values"), [(None, range(3)), (20, range(21, 24)), (22, (23, 0, 1))]
)
def test_increment_or_loop_counts_on(last: int | None, values: object):
    """The numbers are a range, or a tuple where they pass the end of the loop."""
    run = AllocateNumbers.stepper(sequence=HOURS, count=3)
    run.internals.last = last
    run.do("increment_or_loop")
    assert run.internals.next == values


def test_increment_or_loop_refuses_more_than_there_are():
    """All or none."""
    run = AllocateNumbers.stepper(sequence=Sequence("few", max_value=8), count=3)
    run.internals.last = 6
    with pytest.raises(SequenceExhausted) as refusal:
        run.do("increment_or_loop")
    assert str(refusal.value) == (
        "Sequence 'few' has 2 of the 3 numbers asked for: it stands at 6 and ends at "
        "8. Raise its limit, or start a new sequence."
    )


def test_assign_gives_the_numbers():
    """The step `assign` puts the numbers out."""
    run = AllocateNumbers.stepper(sequence=HOURS, count=3)
    run.internals.next = (23, 0, 1)
    run.do("assign")
    assert run.outputs.values == (23, 0, 1)


@autocommit
@transaction.atomic
def test_persist_moves_the_counter_to_the_last_number():
    """The step `persist` stores the last of the numbers, also after a loop."""
    get_next_value("hours", 22)
    run = AllocateNumbers.stepper(sequence=HOURS, count=3)
    run.until("persist")
    assert get_last_value("hours") == 22
    run.do("persist")
    assert get_last_value("hours") == 1


@autocommit
class TestInOneStatement:
    """The condition `in_one_statement`."""

    @pytest.mark.parametrize(
        ("sequence", "count", "nowait", "stepwise"),
        [
            (Sequence("plain"), 3, False, False),
            (Sequence("plain"), 3, True, True),
            (HOURS, 1, False, False),
            (HOURS, 2, False, True),
            (Sequence("few", max_value=2), 2, False, False),
        ],
    )
    @transaction.atomic
    def test_it_holds_for_a_straight_line(
        self,
        sequence: Sequence,
        count: int,
        nowait: bool,  # noqa: FBT001
        stepwise: bool,  # noqa: FBT001
    ):
        """Steps are taken where a batch may loop, and with nowait."""
        run = AllocateNumbers.stepper(sequence=sequence, count=count, nowait=nowait)
        run.until("assign")
        assert hasattr(run.internals, "last") is stepwise

    @transaction.atomic
    def test_another_database_takes_the_steps(self):
        """A counter through the ORM alone does not advance in one statement."""
        run = AllocateNumbers.stepper(sequence="invoices", count=3)
        run.do("validate")
        run.internals.counter = Counter(Sequence("invoices"), connection)
        assert run.finish().values == range(1, 4)
        assert get_last_value("invoices") == 3


@autocommit
class TestTheWhole:
    """AllocateNumbers run."""

    @transaction.atomic
    def test_it_counts(self):
        """One batch after another, without a gap."""
        batches = [
            AllocateNumbers.run(sequence="invoices", count=count).values
            for count in (2, 1, 3)
        ]
        assert batches == [range(1, 3), range(3, 4), range(4, 7)]

    @transaction.atomic
    def test_it_counts_in_steps(self):
        """A batch has the step of its sequence."""
        fives = Sequence("fives", 5, increment=5)
        assert AllocateNumbers.run(sequence=fives, count=3).values == range(5, 20, 5)
        assert fives.get_last_value() == 15

    @pytest.mark.parametrize("held", [None, 6])
    @transaction.atomic
    def test_past_the_end_nothing_moves(self, held: int | None):
        """All or none, also if it is the first batch; the transaction goes on."""
        if held is not None:
            get_next_value("few", held)
        few = Sequence("few", max_value=8)
        with pytest.raises(SequenceExhausted):
            AllocateNumbers.run(sequence=few, count=9)
        assert get_last_value("few") == held
        assert few.get_next_value() == (held or 0) + 1

    @transaction.atomic
    def test_a_huge_batch_costs_nothing(self):
        """All numbers there are, in one range."""
        assert get_next_values(2**63 - 1) == range(1, 2**63)
