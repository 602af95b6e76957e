"""Numbers and transactions: one, two at once, and what a database says about it."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import (
    DatabaseError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.db.transaction import TransactionManagementError
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from sequences import (
    AllocateNumber,
    AllocateNumbers,
    Conflict,
    Deadlock,
    LockBusy,
    LockTimeout,
    NoTransaction,
    Sequence,
    SetCounter,
    delete,
    get_last_value,
    get_next_value,
    get_next_values,
    retry_on_conflict,
)
from sequences.models import Sequence as StoredSequence
from sequences.testing import OtherSession
from sequences.transactions import is_in_transaction
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


def allocate(name: str = "s", **options: Any) -> int:
    """Take a number in the transaction that is open."""
    return AllocateNumber.run(sequence=name, **options).value


def roll_back() -> None:
    """Let the transaction that is open roll back at its end."""
    transaction.set_rollback(True)


@pytest.fixture(params=[None, 1], ids=["first", "later"])
def last(request: pytest.FixtureRequest, transactional_db: None) -> int | None:
    """The last number: there is none yet, or there is one."""
    if request.param is not None:
        get_next_value("s")
    number: int | None = request.param
    return number


class TestRollback:
    """A number is part of the transaction."""

    def test_it_is_given_back(self, last: int | None):
        """After a rollback the next caller gets the same number."""
        with transaction.atomic():
            taken = allocate()
            roll_back()
        assert get_last_value("s") == last
        assert get_next_value("s") == taken

    def test_a_savepoint_gives_it_back(self, last: int | None):
        """So it is with a part of the transaction."""
        with transaction.atomic():
            with transaction.atomic():
                taken = allocate()
                roll_back()
            assert allocate() == taken
            assert allocate() == taken + 1

    def test_a_refusal_leaves_the_transaction_usable(self):
        """No number left is no accident: what the transaction did stands."""
        few = Sequence("few", max_value=1)
        with transaction.atomic():
            allocate()
            few.get_next_value()
            assert AllocateNumber.attempt(sequence=few).error.code == "exhausted"  # type: ignore[union-attr]
            assert allocate() == 2
        assert get_last_value("s") == 2


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


def connection_is_open() -> None:
    """Begin the transaction on the server, which Django leaves to the first query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


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


def database_error(cause: Exception | None = None, *arguments: object) -> DatabaseError:
    """Give an error as Django raises it."""
    error = OperationalError(*arguments)
    error.__cause__ = cause
    return error


class TestRetryOnConflict:
    """The outermost transaction, repeated."""

    @pytest.fixture(params=["sync", "async"])
    def is_async(self, request: pytest.FixtureRequest) -> bool:
        """The function is a plain one, or a coroutine function."""
        return bool(request.param == "async")

    def attempts_until(
        self, error: Exception, *, is_async: bool, **options: Any
    ) -> int:
        """Tell how often a function that always raises an error was called."""
        calls = []

        def fail() -> None:
            calls.append(1)
            raise error

        async def afail() -> None:
            fail()

        repeated = retry_on_conflict(**options)(fail)
        if is_async:
            repeated = async_to_sync(retry_on_conflict(**options)(afail))
        with pytest.raises(type(error)) as raised:
            repeated()
        assert raised.value is error
        return len(calls)

    @pytest.mark.parametrize(
        "error",
        [
            Conflict("s", "default"),
            Deadlock("s", "default"),
            LockTimeout("s", "default"),
            database_error(None, 1213, "Deadlock found"),
        ],
    )
    def test_attempts_are_limited(self, error: DatabaseError, *, is_async: bool):
        """What the last attempt raised is raised, of its own type."""
        assert self.attempts_until(error, is_async=is_async, attempts=3) == 3

    @pytest.mark.parametrize(
        "error",
        [
            LockBusy("s", "default"),
            NoTransaction("s", "default"),
            database_error(None, "server closed the connection"),
            ValueError("no database's"),
        ],
    )
    def test_nothing_else_is_repeated(self, error: Exception, *, is_async: bool):
        """Neither what was asked for, nor a defect, nor an unknown outcome."""
        assert self.attempts_until(error, is_async=is_async) == 1

    def test_one_attempt_is_no_repetition(self, *, is_async: bool):
        """The first one counts as one of the attempts."""
        conflict = Conflict("s", "default")
        assert self.attempts_until(conflict, is_async=is_async, attempts=1) == 1

    def test_it_gives_what_the_function_gives(self):
        """Arguments, result, name and docstring are those of the function."""

        @retry_on_conflict()
        def add(a: int, *, b: int) -> int:
            """Add."""
            return a + b

        assert add(1, b=2) == 3
        assert (add.__name__, add.__doc__) == ("add", "Add.")

    def test_it_refuses_inside_a_transaction(self):
        """A part of a transaction cannot be repeated; the function is not called."""
        calls = []

        @retry_on_conflict()
        def issue() -> None:
            calls.append(1)

        with pytest.raises(TransactionManagementError) as refusal, transaction.atomic():
            issue()
        assert str(refusal.value) == (
            "retry_on_conflict cannot repeat "
            "TestRetryOnConflict.test_it_refuses_inside_a_transaction.<locals>.issue: "
            "a transaction is open on database 'default', and a part of one cannot be "
            "repeated. Put it around the outermost atomic() block."
        )
        assert calls == []

    def test_an_async_function_refuses_inside_a_transaction(self):
        """It looks in the thread in which the transaction is."""
        calls = []

        @retry_on_conflict()
        async def issue() -> None:
            calls.append(1)

        with (
            transaction.atomic(),
            pytest.raises(TransactionManagementError, match="a transaction is open"),
        ):
            async_to_sync(issue)()
        assert calls == []

    def test_an_async_function_gives_what_it_gives(self):
        """Its result is awaited, and it is a coroutine function as before."""

        @retry_on_conflict()
        async def add(a: int, *, b: int) -> int:
            """Add."""
            return a + b

        assert async_to_sync(add)(1, b=2) == 3
        assert (add.__name__, add.__doc__) == ("add", "Add.")

    def test_no_attempt_is_refused(self):
        """A function that is never called is a mistake."""
        with pytest.raises(ValueError, match="attempt") as refusal:
            retry_on_conflict(attempts=0)
        assert str(refusal.value) == (
            "retry_on_conflict needs at least one attempt, got 0."
        )


class TestNoTransaction:
    """Gapless numbers need a transaction."""

    @pytest.mark.parametrize(
        "run",
        [
            lambda: AllocateNumber.run(sequence="s"),
            lambda: AllocateNumber.run(sequence="s", nowait=True),
            lambda: AllocateNumbers.run(sequence="s", count=2),
            lambda: SetCounter.run(sequence="s", last=2),
        ],
    )
    def test_services_refuse(self, run: Callable[[], object]):
        """In autocommit a number would be consumed silently: it is refused."""
        with pytest.raises(NoTransaction) as refusal:
            run()
        assert str(refusal.value) == (
            "Cannot take a number from sequence 's': no transaction is open on "
            "database 'default'. Wrap the call, and the save that uses the number, in "
            "one transaction.atomic() block."
        )
        assert get_last_value("s") is None

    def test_transactions_by_hand_are_transactions(self):
        """Without autocommit one is always open."""
        transaction.set_autocommit(False)
        try:
            assert allocate() == 1
            transaction.rollback()
            assert allocate() == 1
            transaction.commit()
        finally:
            transaction.rollback()
            transaction.set_autocommit(True)
        assert get_last_value("s") == 1


class TestInTestCase(TestCase):
    """Django's TestCase keeps a transaction open around each test."""

    def test_its_transaction_is_not_the_callers(self):
        """What would be refused in production is refused in its test."""
        assert not is_in_transaction(connection)
        with pytest.raises(NoTransaction):
            allocate()
        with transaction.atomic():
            assert is_in_transaction(connection)
            assert allocate() == 1

    def test_retry_on_conflict_works(self):
        """The outermost transaction of the code under test can be repeated."""

        @retry_on_conflict()
        def issue() -> int:
            with transaction.atomic():
                return allocate()

        assert issue() == 1


class Router:
    """Counters are written to `other`, and read from `default`, a lagging replica."""

    def db_for_read(self, model: object, **_hints: object) -> str | None:
        """Give the replica."""
        return "default" if model is StoredSequence else None

    def db_for_write(self, model: object, **_hints: object) -> str | None:
        """Give the primary."""
        return "other" if model is StoredSequence else None


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
class TestSeveralDatabases:
    """A sequence lives where its documents live."""

    def test_databases_count_apart(self):
        """The same name on two databases is two counters."""
        assert [get_next_value("s", using=each) for each in ("default", "other")] == [
            1,
            1,
        ]
        elsewhere = Sequence("s", using="other")
        assert next(elsewhere) == 2
        assert (get_last_value("s"), elsewhere.get_last_value()) == (1, 2)
        assert delete("s", using="other")
        assert (get_last_value("s"), elsewhere.get_last_value()) == (1, None)

    def test_the_transaction_has_to_be_on_the_same_database(self):
        """A transaction elsewhere protects nothing."""
        elsewhere = Sequence("s", using="other")
        with transaction.atomic(), pytest.raises(NoTransaction) as refusal:
            AllocateNumber.run(sequence=elsewhere)
        assert refusal.value.using == "other"
        with transaction.atomic(using="other"):
            assert AllocateNumber.run(sequence=elsewhere).value == 1
            assert AllocateNumber.run(sequence=elsewhere, nowait=True).value == 2

    def test_the_routers_decide(self, settings: Any):
        """Numbers are taken where counters are written, and read where read."""
        settings.DATABASE_ROUTERS = [Router()]
        assert get_next_value("s") == 1
        assert get_last_value("s") is None
        assert get_last_value("s", using="other") == 1
        with transaction.atomic(using="other"):
            assert allocate() == 2
        assert delete("s") is True

    def test_a_second_session_on_another_database(self):
        """Sessions of sequences.testing take the alias as well."""
        with OtherSession("other") as other, transaction.atomic(using="other"):
            elsewhere = Sequence("s", using="other")
            elsewhere.get_next_value()
            second = other.start(elsewhere.get_next_value)
            other.wait_until_blocked()
        assert second.result() == 2


SESSION_LEVEL = ("SET ", "SET SESSION", "PG_ADVISORY_LOCK", "GET_LOCK", "LISTEN")


class TestStatements:
    """What is sent to the database."""

    def statements_of(self, run: Callable[[], object]) -> list[str]:
        """Give the statements that a call sends, in capitals."""
        with CaptureQueriesContext(connection) as captured:
            run()
        return [" ".join(each["sql"].upper().split()) for each in captured]

    @pytest.mark.parametrize("nowait", [False, True])
    def test_nothing_outlives_the_transaction(
        self,
        last: int | None,
        nowait: bool,  # noqa: FBT001
    ):
        """Only transaction-level locks: safe behind pgbouncer in transaction mode."""

        def everything() -> None:
            with transaction.atomic():
                allocate(nowait=nowait)
                AllocateNumbers.run(sequence="s", count=2, nowait=nowait)
                SetCounter.run(sequence="s", last=9)
            get_next_value("s", nowait=nowait)
            get_next_values(2, "s", nowait=nowait)
            Sequence("hours", 0, 24).get_next_values(2, nowait=nowait)
            delete("s")

        statements = self.statements_of(everything)
        assert statements
        assert not [
            each
            for each in statements
            if any(word in each for word in SESSION_LEVEL[2:])
            or each.startswith(SESSION_LEVEL[:2])
        ]
        if DATABASE == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks "
                    "WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
                )
                assert cursor.fetchone() == (0,)

    def test_a_number_is_one_statement(self, last: int | None):
        """One round trip in the caller's transaction, as in autocommit."""
        with transaction.atomic():
            connection_is_open()
            assert len(self.statements_of(allocate)) == 1
        assert len(self.statements_of(lambda: get_next_value("s"))) == 1

    @on_postgresql
    def test_parameters_bound_by_the_server(self, settings: Any):
        """The driver may send parameters apart from the statement."""
        plain = connection.settings_dict["OPTIONS"]
        connection.close()
        connection.settings_dict["OPTIONS"] = plain | {"server_side_binding": True}
        try:
            assert get_next_value("s") == 1
            assert get_next_value("s", nowait=True) == 2
            assert get_next_values(2**40, "s")[-1] == 2**40 + 2
            assert Sequence("hours", 0, 24).get_next_values(30 - 6) == range(24)
            assert delete("s")
        finally:
            connection.close()
            connection.settings_dict["OPTIONS"] = plain


class TestDeletes:
    """What deleting does to numbers."""

    def test_deleting_a_sequence_starts_it_again(self):
        """The next number is the first: whoever deletes takes the responsibility."""
        get_next_values(5, "s")
        delete("s")
        assert get_next_value("s") == 1

    def test_a_rollback_brings_the_counter_back(self):
        """Deleting is part of the transaction."""
        get_next_values(5, "s")
        with transaction.atomic():
            assert delete("s") is True
            assert delete("s") is False
            roll_back()
        assert get_last_value("s") == 5

    def test_deleted_and_drawn_in_one_transaction(self):
        """The counter of a sequence may be replaced in one go."""
        get_next_values(5, "s")
        with transaction.atomic():
            delete("s")
            assert allocate() == 1
        assert get_last_value("s") == 1
