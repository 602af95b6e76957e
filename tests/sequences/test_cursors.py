"""The cursor that is kept: whoever watches queries sees no difference."""

import asyncio
import logging
import threading
from typing import Any

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.db import (
    DatabaseError,
    OperationalError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext

from sequences import get_next_value
from sequences.cursors import first_row
from tests.sequences.marks import on_postgresql

pytestmark = [pytest.mark.django_db(transaction=True), on_postgresql]


def row_of(statement: str) -> Any:
    """Give its row, by the connection of this thread."""
    return first_row(connections["default"], statement)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The cursors that the driver makes."""
    cursors: list[Any] = []
    make = connection.create_cursor

    def create_cursor(*given: Any) -> Any:
        cursors.append(make(*given))
        return cursors[-1]

    monkeypatch.setattr(connection, "create_cursor", create_cursor)
    return cursors


def test_in_a_transaction_one_is_enough(made: list[Any]):
    """Each statement has its own row, and goes by the same cursor."""
    with transaction.atomic():
        rows = [row_of(f"SELECT {n}") for n in (1, 2, 3)]
    assert rows == [(1,), (2,), (3,)]
    assert len(made) <= 1  # there may be one from before


def test_without_a_transaction_it_is_django_that_makes_it(made: list[Any]):
    """There it asks whether the connection still lives."""
    connection.ensure_connection()
    assert [row_of("SELECT 1") for _ in range(2)] == [(1,), (1,)]
    assert len(made) == 2


def test_no_row_is_none():
    """As of any cursor."""
    with transaction.atomic():
        assert row_of("SELECT 1 WHERE 1 = 0") is None


def test_a_new_connection_has_its_own():
    """The cursor of the last one would speak to nobody."""
    for _ in range(2):
        with transaction.atomic():
            assert row_of("SELECT 1") == (1,)
        connection.close()


def test_a_connection_that_was_closed_in_its_transaction_is_refused():
    """What was done in it is lost: no other may take its place."""
    with transaction.atomic():
        row_of("SELECT 1")
        connection.close()
        with pytest.raises(ProgrammingError):
            row_of("SELECT 1")
    assert row_of("SELECT 1") == (1,)


def test_what_fails_leaves_no_trace():
    """After the rollback the next statement has its own row."""
    for _ in range(2):
        with pytest.raises(ProgrammingError), transaction.atomic():
            row_of("SELECT nothing FROM nowhere")
        with transaction.atomic():
            assert row_of("SELECT 2") == (2,)


def test_a_session_that_ended_is_told_as_any_is():
    """By an error of Django's, which all who repeat transactions look for."""
    with transaction.atomic():
        row_of("SELECT 1")
        ended = connections["default"].connection
        ended.close()
        with pytest.raises(OperationalError):
            row_of("SELECT 1")
        connection.needs_rollback = False  # to get past Django's own guard
        with pytest.raises(OperationalError):
            row_of("SELECT 1")
        transaction.set_rollback(True)


def test_in_an_event_loop_it_is_refused():
    """As all of Django's connections are: also if a cursor was kept before."""
    mine = connections["default"]  # a loop has others

    async def draw() -> Any:
        return first_row(mine, "SELECT 2")

    with transaction.atomic():
        row_of("SELECT 1")
        with pytest.raises(SynchronousOnlyOperation):
            asyncio.run(draw())


def test_another_thread_is_refused():
    """A connection belongs to the thread that opened it."""
    refused: list[str] = []

    def draw() -> None:
        try:
            first_row(mine, "SELECT 2")
        except DatabaseError as error:
            refused.append(str(error))

    with transaction.atomic():
        row_of("SELECT 1")
        mine = connections["default"]
        stranger = threading.Thread(target=draw)
        stranger.start()
        stranger.join()
    [reason] = refused
    assert "thread" in reason


class Spy:
    """Stands before a method, and passes for it, as those of tracers do."""

    def __init__(self, method: Any) -> None:
        self.method = method
        self.calls = 0

    def __call__(self) -> Any:
        self.calls += 1
        return self.method()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.method, name)


class TestWhoWatches:
    """Each in the way in which it is done out there."""

    @pytest.fixture(autouse=True)
    def in_transaction(self):
        """A statement went before: there is a cursor to be kept."""
        with transaction.atomic():
            row_of("SELECT 0")
            yield

    def test_the_log_of_queries(self):
        """As assertNumQueries and the debug log read it."""
        with CaptureQueriesContext(connection) as captured:
            row_of("SELECT 1")
        assert [query["sql"] for query in captured] == ["SELECT 1"]

    def test_the_logger(self, caplog: pytest.LogCaptureFixture, settings: Any):
        """As DEBUG writes it."""
        settings.DEBUG = True
        with caplog.at_level(logging.DEBUG, "django.db.backends"):
            row_of("SELECT 1")
        assert "SELECT 1" in caplog.text

    def test_an_execute_wrapper(self):
        """As Django documents it."""
        seen: list[str] = []

        def look(execute: Any, sql: str, *given: Any) -> Any:
            seen.append(sql)
            return execute(sql, *given)

        with connection.execute_wrapper(look):
            row_of("SELECT 1")
        assert seen == ["SELECT 1"]

    def test_a_wrapper_that_asks_in_turn_does_not_mix_rows(self):
        """Also where it asks between a statement and its row."""

        def ask(execute: Any, sql: str, *given: Any) -> Any:
            done = execute(sql, *given)
            if sql == "SELECT 1":
                assert row_of("SELECT 2") == (2,)
            return done

        with connection.execute_wrapper(ask):
            assert row_of("SELECT 1") == (1,)

    def test_who_replaces_the_method_of_cursors(self, monkeypatch: pytest.MonkeyPatch):
        """As monitoring of errors and of times does."""
        seen: list[str] = []
        execute = CursorWrapper.execute

        def patched(self: Any, sql: str, *given: Any) -> Any:
            seen.append(sql)
            return execute(self, sql, *given)

        monkeypatch.setattr(CursorWrapper, "execute", patched)
        row_of("SELECT 1")
        assert seen == ["SELECT 1"]

    def test_who_replaces_what_makes_cursors(self, monkeypatch: pytest.MonkeyPatch):
        """As toolbars do, and tests that may not use a database."""
        spy = Spy(connection.cursor)
        monkeypatch.setattr(connection, "cursor", spy)
        row_of("SELECT 1")
        assert spy.calls == 1

    def test_who_replaces_it_for_all(self, monkeypatch: pytest.MonkeyPatch):
        """As tracing may do, once for each process."""
        seen: list[str] = []
        make = BaseDatabaseWrapper.cursor

        def cursor(self: Any) -> Any:
            seen.append("made")
            return make(self)

        monkeypatch.setattr(BaseDatabaseWrapper, "cursor", cursor)
        row_of("SELECT 1")
        assert seen == ["made"]

    def test_a_backend_that_prepares_each_cursor(self, monkeypatch: pytest.MonkeyPatch):
        """As those do that choose the schema of a tenant: not there is another's."""
        kind: Any = type(connections["default"])
        seen: list[str] = []

        class Tenants(kind):
            def _cursor(self, name: str | None = None) -> Any:
                seen.append("chosen")
                return super()._cursor(name)

        monkeypatch.setattr(connections["default"], "__class__", Tenants)
        row_of("SELECT 1")
        assert seen == ["chosen"]


def test_numbers_are_drawn_by_it(made: list[Any]):
    """The next number costs no cursor."""
    with transaction.atomic():
        get_next_value("cases")
        begun = len(made)
        assert get_next_value("cases") == 2
    assert len(made) == begun
