"""A second session with the database, for tests of what happens between two."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from queue import SimpleQueue
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, Self, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction

from sequences.tracebacks import let_go

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from django.db.backends.base.base import BaseDatabaseWrapper

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE_S: Final = 30.0
"""How long anything here waits before it gives up."""

# InnoDB looks at its locks anew only if nobody has asked for 0.1 s.
_LOOK_AGAIN_S: Final = {"mysql": 0.15}

_SET_LEVEL: Final = {
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL ",
    "mysql": "SET SESSION TRANSACTION ISOLATION LEVEL ",
}

_SESSION_ID: Final = {
    "postgresql": "SELECT pg_backend_pid()",
    "mysql": "SELECT connection_id()",
}

_WAITS_FOR_LOCK: Final = {
    "postgresql": "SELECT cardinality(pg_blocking_pids(%s)) > 0",
    "mysql": """
        SELECT count(*)
          FROM information_schema.innodb_trx
         WHERE trx_mysql_thread_id = %s
           AND trx_state = 'LOCK WAIT'
    """,
}


class Pending(Generic[R]):
    """
    A call that another session has begun.

    .. versionadded:: 0.1
    """

    def __init__(self, future: Future[R]) -> None:
        self._future = future

    def is_done(self) -> bool:
        """Tell whether it has returned or raised."""
        return self._future.done()

    def result(self, timeout_s: float = PATIENCE_S) -> R:
        """
        Wait for the call, and give what it returned.

        :raises TimeoutError: if it takes longer.
        :raises Exception: what the call raised.
        """
        return self._future.result(timeout_s)


class OtherSession:
    """
    A second session with a database: a thread with a connection of its own.

    The test says what happens in which session and in which order, and no pause is
    needed: a call is over, or the database itself says that it waits for a lock::

        with OtherSession() as other, transaction.atomic():
            assert get_next_value("invoices") == 1
            second = other.start(get_next_value, "invoices")
            other.wait_until_blocked()
        assert second.result() == 2

    Each session sees only what the other has committed, so this is for Django's
    TransactionTestCase and for ``pytest.mark.django_db(transaction=True)``. A SQLite
    database must be a file. On leaving the block, a transaction that is still open
    there is rolled back.

    :param using: the alias of the database.
    :param isolation_level: of its transactions, for example ``"SERIALIZABLE"``. None:
        the project's. PostgreSQL, MariaDB and MySQL only.
    :raises ValueError: for a level on a database that does not offer a choice.

    .. versionadded:: 0.1
    """

    def __init__(
        self, using: str = DEFAULT_DB_ALIAS, *, isolation_level: str | None = None
    ) -> None:
        self.using = using
        self.isolation_level = isolation_level
        self._vendor = connections[using].vendor
        if isolation_level is not None and self._vendor not in _SET_LEVEL:
            msg = f"Database {using!r} is {self._vendor}: it has no isolation levels."
            raise ValueError(msg)
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._transaction: transaction.Atomic | None = None
        self._session_id: int | None = None
        # Statements begun plus statements ended: odd while one is under way.
        self._moves = 0
        self._observer: BaseDatabaseWrapper = connections[using].copy()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.run(self._open)
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._observer.close()
        self._calls.put(None)
        self._thread.join(PATIENCE_S)
        if self._thread.is_alive() and error is None:
            msg = "The other session still waits for yours. End your transaction first."
            raise TimeoutError(msg)

    def start(
        self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> Pending[R]:
        """Begin a call in the other session, after those begun before, and go on."""
        future: Future[R] = Future()

        def call() -> None:
            try:
                future.set_result(function(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - raised by Pending.result
                let_go(error)
                future.set_exception(error)

        self._calls.put(call)
        return Pending(future)

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """
        Call a function in the other session, and give what it returned.

        :raises TimeoutError: if it takes longer than 30 seconds.
        :raises Exception: what the function raised.
        """
        return self.start(function, *args, **kwargs).result()

    def begin(self) -> None:
        """Open a transaction in the other session."""
        self.run(self._begin)

    def commit(self) -> None:
        """
        Commit the other session's transaction.

        :raises DatabaseError: if the database refuses to; it is rolled back then.
        """
        self.run(self._end)

    def rollback(self) -> None:
        """Roll the other session's transaction back."""
        self.run(self._end, rollback=True)

    def wait_until_blocked(self) -> None:
        """
        Return when the other session waits for a lock that somebody holds.

        PostgreSQL, MariaDB and MySQL are asked for it. On SQLite it holds when a
        statement is under way while the database is locked for writing.

        :raises TimeoutError: if it does not come to that within 30 seconds.
        """
        deadline = monotonic() + PATIENCE_S
        while True:
            # Asked before it is looked: a machine that stood still is given a chance.
            is_late = monotonic() > deadline
            if self._is_blocked():
                return
            if is_late:
                msg = f"The other session never waited for a lock on {self.using!r}."
                raise TimeoutError(msg)
            sleep(_LOOK_AGAIN_S.get(self._vendor, 0.005))

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
        if self._transaction is not None:
            self._end(rollback=True)
        connections.close_all()

    def _open(self) -> None:
        connection = connections[self.using]
        connection.execute_wrappers.append(self._count_moves)
        if self._vendor not in _SESSION_ID:
            return
        with connection.cursor() as cursor:
            if self.isolation_level is not None:
                cursor.execute(_SET_LEVEL[self._vendor] + self.isolation_level)
            cursor.execute(_SESSION_ID[self._vendor])
            [self._session_id] = cursor.fetchone()

    def _count_moves(self, execute: Callable[..., Any], *args: Any) -> Any:
        self._moves += 1
        try:
            return execute(*args)
        finally:
            self._moves += 1

    def _begin(self) -> None:
        self._transaction = transaction.atomic(using=self.using)
        self._transaction.__enter__()

    def _end(self, *, rollback: bool = False) -> None:
        if self._transaction is None:
            msg = "The other session has no transaction to end. Call begin() first."
            raise RuntimeError(msg)
        ending, self._transaction = self._transaction, None
        if rollback:
            transaction.set_rollback(True, using=self.using)
        ending.__exit__(None, None, None)

    def _is_blocked(self) -> bool:
        if self._vendor not in _WAITS_FOR_LOCK:
            moves = self._moves
            return moves % 2 == 1 and self._is_locked() and self._moves == moves
        with self._observer.cursor() as cursor:
            cursor.execute(_WAITS_FOR_LOCK[self._vendor], [self._session_id])
            return bool(cursor.fetchone()[0])

    def _is_locked(self) -> bool:
        with self._observer.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                cursor.execute("BEGIN IMMEDIATE")
            except OperationalError:
                return True
            cursor.execute("ROLLBACK")
            return False
