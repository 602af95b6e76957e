"""Two at once: the second waits, or is refused."""

import threading
from collections.abc import Callable

import pytest
from django.db import (
    connection,
    connections,
    transaction,
)

from sequences import (
    AllocateNumber,
    AllocateNumbers,
    LockBusy,
    Sequence,
    delete,
    get_last_value,
    get_next_value,
    get_next_values,
)
from sequences.models import Sequence as StoredSequence
from sequences.testing import OtherSession
from tests.sequences.draws import allocate, roll_back
from tests.sequences.marks import (
    autocommit,
    on_postgresql,
    on_sqlite,
    with_row_locks,
)

pytestmark = autocommit


class TestTwoAtOnce:
    """Two transactions that take a number of one sequence."""

    @pytest.mark.parametrize("rolled_back", [False, True])
    def test_the_second_waits(
        self,
        other: OtherSession,
        last: int | None,
        rolled_back: bool,  # noqa: FBT001
    ):
        """The waiter gets the number after a commit, the same one after a rollback.

        Also where both want the first number, which is in no row yet.
        """
        with transaction.atomic():
            taken = allocate()
            second = other.start(get_next_value, "s")
            other.wait_until_blocked()
            if rolled_back:
                roll_back()
        assert second.result() == (taken if rolled_back else taken + 1)

    def test_the_second_waits_for_steps_as_well(
        self, other: OtherSession, last: int | None
    ):
        """A waiter who takes the steps gets the number after, too."""
        loop = Sequence("s", 0 if last is None else 1, 24)
        with transaction.atomic():
            first = loop.get_next_values(2)
            second = other.start(loop.get_next_values, 2)
            other.wait_until_blocked()
        assert second.result() == range(first[-1] + 1, first[-1] + 3)

    @with_row_locks
    def test_other_sequences_do_not_wait(self, other: OtherSession, last: int | None):
        """Whoever takes a number of another sequence goes on."""
        get_next_value("another")
        with transaction.atomic():
            allocate()
            assert other.run(get_next_value, "another") == 2
            assert other.run(get_next_value, "new") == 1

    def test_deleting_waits(self, other: OtherSession, last: int | None):
        """A counter is deleted after the number is committed, not under it."""
        with transaction.atomic():
            allocate()
            deletion = other.start(delete, "s")
            other.wait_until_blocked()
        assert deletion.result() is True
        assert get_last_value("s") is None

    @with_row_locks
    def test_who_deletes_and_starts_again_meets_no_deadlock(self, other: OtherSession):
        """One who waits for the deleted counter is in nobody's way."""
        get_next_value("s", 7)
        with transaction.atomic():
            delete("s")
            second = other.start(get_next_value, "s")
            other.wait_until_blocked()
            assert get_next_value("s") == 1
        assert second.result() == 2

    @pytest.mark.parametrize("sessions", [4])
    def test_many_at_once(self, last: int | None, sessions: int):
        """Threads that start together draw every number once."""
        each = 10
        ready = threading.Barrier(sessions)
        drawn: list[int] = []

        def draw() -> None:
            ready.wait()
            for _ in range(each):
                with transaction.atomic():
                    number = allocate()
                drawn.append(number)
            connections.close_all()

        threads = [threading.Thread(target=draw) for _ in range(sessions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        first = (last or 0) + 1
        assert sorted(drawn) == list(range(first, first + sessions * each))


class TestNowait:
    """Callers who will not wait."""

    @with_row_locks
    @pytest.mark.parametrize(
        "draw",
        [
            lambda: AllocateNumber.run(sequence="s", nowait=True),
            lambda: AllocateNumbers.run(sequence="s", count=2, nowait=True),
            lambda: get_next_value("s", nowait=True),
            lambda: get_next_values(2, "s", nowait=True),
        ],
    )
    def test_the_transaction_goes_on(
        self, last: int | None, other: OtherSession, draw: Callable[[], object]
    ):
        """The refusal undoes nothing of the caller's transaction."""
        other.begin()
        other.run(allocate, "before")
        with transaction.atomic():
            allocate()
            with pytest.raises(LockBusy) as refusal:
                other.run(draw)
        other.run(allocate, "after")
        other.commit()
        assert str(refusal.value) == (
            "Sequence 's' is locked by another transaction on database 'default'. "
            "Call without nowait to wait for it, or try again."
        )
        assert (get_last_value("before"), get_last_value("after")) == (1, 1)

    @on_postgresql
    def test_who_was_refused_holds_nothing(self, other: OtherSession):
        """A row held outside of the queue is a refusal that leaves the queue."""
        get_next_value("s")
        row = StoredSequence.objects.select_for_update().filter(name="s")
        other.begin()
        other.run(lambda: list(row))
        with transaction.atomic():
            with pytest.raises(LockBusy):
                allocate(nowait=True)
            other.commit()
            assert other.run(get_next_value, "s") == 2
            assert allocate("another") == 1

    @on_sqlite
    def test_sqlite_does_not_wait_in_autocommit(
        self, last: int | None, other: OtherSession
    ):
        """The database is locked as a whole; the caller's patience is left as it is."""

        def patience_ms() -> int:
            with connection.cursor() as cursor:
                [patience] = cursor.execute("PRAGMA busy_timeout").fetchone()
                return patience

        with transaction.atomic():
            allocate()
            with pytest.raises(LockBusy):
                other.run(get_next_value, "s", nowait=True)
            second = other.start(get_next_value, "s")
            other.wait_until_blocked()
        assert second.result() == (last or 0) + 2
        assert other.run(patience_ms) == 20_000

    def test_a_free_counter_is_taken(self, last: int | None):
        """Where nobody holds it, nowait makes no difference."""
        with transaction.atomic():
            assert allocate(nowait=True) == (last or 0) + 1
