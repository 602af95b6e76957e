"""The outermost transaction, repeated after a conflict."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import (
    DatabaseError,
    OperationalError,
    transaction,
)
from django.db.transaction import TransactionManagementError

from sequences import (
    Conflict,
    Deadlock,
    LockBusy,
    LockTimeout,
    NoTransaction,
    retry_on_conflict,
)
from tests.sequences.marks import (
    autocommit,
)

pytestmark = autocommit


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

    def test_it_decorates_without_options_too(self):
        """As other decorators do, with or without parentheses."""
        calls = []

        @retry_on_conflict
        def give(number: int) -> int:
            calls.append(1)
            if len(calls) < 3:
                raise Conflict("s", "default")
            return number

        assert (give(7), len(calls)) == (7, 3)

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
