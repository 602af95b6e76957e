"""What databases refuse: changed counters, deadlocks, waits that took too long."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import (
    DatabaseError,
    OperationalError,
    connection,
    transaction,
)
from django.db.transaction import TransactionManagementError

from sequences import (
    AllocateNumber,
    Conflict,
    Deadlock,
    LockTimeout,
    Sequence,
    get_last_value,
    get_next_value,
    get_next_values,
    retry_on_conflict,
)
from sequences.testing import OtherSession
from tests.sequences.draws import allocate, connection_is_open
from tests.sequences.marks import (
    DATABASE,
    autocommit,
    on_mariadb,
    on_postgresql,
    on_sqlite,
    with_isolation_levels,
    with_row_locks,
)

pytestmark = autocommit


def at_level(level: str) -> OtherSession:
    """Give a second session whose transactions have an isolation level."""
    return OtherSession(isolation_level=level)


@with_isolation_levels
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
class TestIsolation:
    """Transactions that see the database as it was when they began."""

    @on_postgresql
    @pytest.mark.parametrize(
        "draw",
        [
            allocate,
            lambda: allocate(nowait=True),
            lambda: Sequence("s", 1, 24).get_next_values(2),
        ],
        ids=["one statement", "nowait", "steps"],
    )
    def test_a_counter_that_moved_is_a_conflict(
        self, level: str, last: int | None, draw: Callable[[], object]
    ):
        """A transaction whose snapshot is older than the last number is ended."""
        with at_level(level) as other:
            other.begin()
            other.run(get_last_value, "another")  # the snapshot
            get_next_value("s")
            with pytest.raises(Conflict) as refusal:
                other.run(draw)
            other.rollback()
        assert str(refusal.value) == (
            "Sequence 's' was moved by another transaction in the meantime on database "
            "'default'. Wrap the outermost transaction in retry_on_conflict."
        )
        assert isinstance(refusal.value, OperationalError)
        assert get_last_value("s") == (last or 0) + 1

    @on_postgresql
    def test_who_waited_finds_a_conflict(self, level: str, last: int | None):
        """Waiting makes the snapshot old."""
        with at_level(level) as other:
            other.begin()
            other.run(get_last_value, "another")
            with transaction.atomic():
                allocate()
                second = other.start(allocate)
                other.wait_until_blocked()
            with pytest.raises(Conflict):
                second.result()
            other.rollback()

    @on_mariadb
    def test_the_latest_number_counts(self, level: str, last: int | None):
        """On MariaDB, a write meets the latest row: no conflict, no number twice."""
        with at_level(level) as other:
            other.begin()
            other.run(connection_is_open)
            taken = get_next_value("s")
            assert other.run(allocate) == taken + 1
            other.commit()
        assert get_last_value("s") == taken + 1

    @on_mariadb
    @pytest.mark.usefixtures("newest_rows")
    def test_the_end_is_told_by_the_latest_number(self, level: str):
        """Also a refusal speaks of the counter as it is, not as it was."""
        few = Sequence("few", max_value=2)
        few.get_next_value()
        with at_level("REPEATABLE READ") as other:
            other.begin()
            other.run(few.get_last_value)
            few.get_next_value()
            outcome = other.run(AllocateNumber.attempt, sequence=few)
            assert outcome.error.facts["last"] == 2  # type: ignore[union-attr]
            other.rollback()

    def test_it_is_repeated(self, level: str, last: int | None):
        """retry_on_conflict around the outermost transaction gives the next number."""
        tries = []
        with at_level(level) as other, OtherSession() as rival:

            @retry_on_conflict()
            def issue() -> int:
                with transaction.atomic():
                    if DATABASE == "postgresql":
                        get_last_value("another")
                    if not tries:
                        rival.run(get_next_value, "s")
                    tries.append(1)
                    return allocate()

            assert other.run(issue) == (last or 0) + 2
        assert len(tries) == (2 if DATABASE == "postgresql" else 1)

    def test_alone_it_counts(self, level: str, last: int | None):
        """Without anybody in the way these levels are no different."""
        with at_level(level) as other:
            numbers = [other.run(get_next_value, "s") for _ in range(3)]
            assert numbers == [number + (last or 0) for number in (1, 2, 3)]
            assert other.run(get_next_values, 2, "s")[-1] == (last or 0) + 5
            assert other.run(get_next_value, "s", nowait=True) == (last or 0) + 6


@with_row_locks
class TestDeadlock:
    """Two sequences, taken in opposite order."""

    def crossed(self, other: OtherSession) -> list[object]:
        """Let two transactions take 'a' and 'b' crosswise; give what became of each."""
        outcomes: list[object] = []
        try:
            with transaction.atomic():
                allocate("a")
                other.begin()
                other.run(allocate, "b")
                theirs = other.start(allocate, "a")
                other.wait_until_blocked()
                outcomes.append(allocate("b"))
        except Deadlock as error:
            outcomes.append(error)
        try:
            outcomes.append(theirs.result())
            other.commit()
        except Deadlock as error:
            outcomes.append(error)
            other.rollback()
        return outcomes

    def test_one_is_ended_and_the_other_goes_on(self, other: OtherSession):
        """The error names the sequence; no number is lost."""
        outcomes = self.crossed(other)
        [ended] = [each for each in outcomes if isinstance(each, Deadlock)]
        [number] = [each for each in outcomes if isinstance(each, int)]
        assert number == 1
        assert str(ended) == (
            f"Sequence {ended.sequence!r} was part of a deadlock on database "
            f"'default'. Take numbers of several sequences in the same order "
            f"everywhere, and wrap the outermost transaction in retry_on_conflict."
        )
        assert ended.sequence == ("b" if outcomes[0] is ended else "a")
        assert (get_last_value("a"), get_last_value("b")) == (1, 1)

    def test_whoever_swallows_it_commits_nothing(self, other: OtherSession):
        """MariaDB has rolled everything back: what came after would stand alone."""
        with pytest.raises(DatabaseError), transaction.atomic():  # noqa: PT012
            allocate("a")
            other.begin()
            other.run(allocate, "b")
            theirs = other.start(allocate, "a")
            other.wait_until_blocked()
            try:
                allocate("b")
            except Deadlock:
                allocate("c")
            else:
                raise theirs_was_ended(theirs)
        other.rollback()
        assert get_last_value("c") is None

    def test_it_is_repeated(self, other: OtherSession):
        """retry_on_conflict gets both through."""
        get_next_value("a")
        get_next_value("b")
        crossing = threading.Event()

        @retry_on_conflict()
        def theirs() -> None:
            with transaction.atomic():
                allocate("b")
                crossing.set()
                allocate("a")

        pending = []

        @retry_on_conflict()
        def ours() -> None:
            with transaction.atomic():
                allocate("a")
                if not pending:
                    pending.append(other.start(theirs))
                    assert crossing.wait(30)
                    other.wait_until_blocked()
                allocate("b")

        ours()
        pending[0].result()
        assert (get_last_value("a"), get_last_value("b")) == (3, 3)


def theirs_was_ended(theirs: Any) -> Exception:
    """Give the deadlock that hit the other session instead of this one."""
    with pytest.raises(Deadlock) as refusal:
        theirs.result()
    return refusal.value


LOCK_TIMEOUT = {
    "postgresql": "SET lock_timeout = '50ms'",
    "mariadb": "SET innodb_lock_wait_timeout = 0",
    "mysql": "SET innodb_lock_wait_timeout = 1",
    "sqlite": "PRAGMA busy_timeout = 0",
}

TIMED_OUT = (
    "Sequence 's' was not free within the database's lock timeout on database "
    "'default'. Find the transaction that holds it, keep such transactions short, and "
    "wrap the outermost one in retry_on_conflict."
)


class TestLockTimeout:
    """The database gives up waiting."""

    @pytest.fixture
    def impatient(self, other: OtherSession) -> OtherSession:
        """A second session that the database does not let wait for long."""

        def set_timeout() -> None:
            with connection.cursor() as cursor:
                cursor.execute(LOCK_TIMEOUT[DATABASE])

        other.run(set_timeout)
        return other

    def test_in_autocommit(self, last: int | None, impatient: OtherSession):
        """The error is typed, and a later call succeeds."""
        with transaction.atomic():
            allocate()
            with pytest.raises(LockTimeout) as refusal:
                impatient.run(get_next_value, "s")
        assert str(refusal.value) == TIMED_OUT
        assert isinstance(refusal.value, OperationalError)
        assert impatient.run(get_next_value, "s") == (last or 0) + 2

    @with_row_locks
    @pytest.mark.parametrize("draw", [allocate, Sequence("s", 1, 24).get_next_value])
    def test_in_a_transaction(
        self, last: int | None, impatient: OtherSession, draw: Callable[[], object]
    ):
        """The transaction has to be rolled back, on every database."""
        with transaction.atomic():
            allocate()
            impatient.begin()
            with pytest.raises(LockTimeout) as refusal:
                impatient.run(draw)
            with pytest.raises(TransactionManagementError):
                impatient.run(allocate, "another")
            impatient.rollback()
        assert str(refusal.value) == TIMED_OUT


@on_sqlite
class TestSQLite:
    """One writer at a time."""

    @pytest.fixture
    def deferred(self) -> Iterator[None]:
        """Transactions begin as readers, as Django does it unless told otherwise."""
        connection.ensure_connection()
        mode, connection.transaction_mode = connection.transaction_mode, None  # type: ignore[attr-defined]
        yield
        connection.transaction_mode = mode  # type: ignore[attr-defined]

    def test_a_reader_that_wants_to_write_is_a_conflict(
        self, other: OtherSession, deferred: None
    ):
        """Without IMMEDIATE, 'database is locked' is typed and can be repeated."""
        tries = []

        @retry_on_conflict()
        def issue() -> int:
            with transaction.atomic():
                get_last_value("s")  # reads, and so holds on to what it saw
                if not tries:
                    other.run(get_next_value, "s")
                tries.append(1)
                return allocate()

        assert issue() == 2
        assert len(tries) == 2

    def test_the_conflict_names_the_sequence(self, other: OtherSession, deferred: None):
        """It is one more OperationalError, with the database's own as its cause."""
        with pytest.raises(Conflict) as refusal, transaction.atomic():  # noqa: PT012
            get_last_value("s")
            other.run(get_next_value, "s")
            allocate()
        assert str(refusal.value.__cause__) == "database is locked"

    def test_the_lock_is_taken_before_there_is_a_row(
        self, other: OtherSession, deferred: None
    ):
        """The steps lock a counter that does not exist yet."""
        with transaction.atomic():
            run = AllocateNumber.stepper(sequence="s", nowait=True)
            run.until("increment_or_loop")
            second = other.start(get_next_value, "s")
            other.wait_until_blocked()
            run.finish()
        assert second.result() == 2

    def test_immediate_transactions_queue(self, other: OtherSession):
        """With IMMEDIATE, who reads first has the lock already: nobody fails."""
        with transaction.atomic():
            get_last_value("s")
            second = other.start(get_next_value, "s")
            other.wait_until_blocked()
            assert allocate() == 1
        assert second.result() == 2
