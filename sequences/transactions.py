"""Whether a transaction is open, and how the outermost one is repeated."""

from __future__ import annotations

import asyncio
import functools
import inspect
import random
import time
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, cast, overload

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.transaction import TransactionManagementError

from sequences.contention import contention_in
from sequences.errors import InsideTransaction, LockBusy, NoTransaction
from services.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper

P = ParamSpec("P")
R = TypeVar("R")

_FIRST_PAUSE_S: Final = 0.01
_LONGEST_PAUSE_S: Final = 1.0


def is_in_transaction(connection: BaseDatabaseWrapper) -> bool:
    """
    Tell whether the caller has a transaction open.

    The one that Django's TestCase opens around a test does not count, so that what
    would be refused in production is refused in its test.
    """
    if connection.in_atomic_block:  # one of its own lies inside of that one
        return not getattr(connection.atomic_blocks[-1], "_from_testcase", False)
    if connection.connection is None:  # and not opened, only to ask it
        return not connection.settings_dict["AUTOCOMMIT"]
    return not connection.get_autocommit()


def require_transaction(sequence: str, using: str) -> None:
    """
    Refuse to go on outside of a transaction.

    :raises NoTransaction: if none is open on the database.
    """
    if not is_in_transaction(connections[using]):
        raise NoTransaction(sequence, using)


def refuse_transaction(sequence: str, using: str) -> None:
    """
    Refuse to go on inside of a transaction, which could roll back.

    :raises InsideTransaction: if one is open on the database.
    """
    if is_in_transaction(connections[using]):
        raise InsideTransaction(sequence, using)


@overload
def retry_on_conflict(function: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def retry_on_conflict(
    *, attempts: int = 5, using: str = DEFAULT_DB_ALIAS
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def retry_on_conflict(
    function: Callable[P, R] | None = None,
    /,
    *,
    attempts: int = 5,
    using: str = DEFAULT_DB_ALIAS,
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """
    Repeat a function whose transaction the database ended because of another one.

    With options or bare. The function holds the outermost transaction, so that all of
    it is repeated::

        @retry_on_conflict()
        def issue(draft_id: int) -> Invoice:
            return IssueInvoice.run(invoice=Invoice.objects.get(pk=draft_id)).invoice

    Repeated are serialization failures, deadlocks and lock timeouts, whether this
    package's statements met them or others; not :class:`LockBusy`, which the caller
    asked for. Between attempts it pauses for 10 ms at first and 1 s at most, each time
    up to twice as long, by chance, so that two that met do not meet again.

    An async function is repeated in the same way; its transaction is one that a service
    opens, in the thread of Django's connections.

    :param attempts: how often it is tried in all, 1 or more.
    :param using: the alias of the database of the transaction.
    :raises TransactionManagementError: if a transaction is open already: a part of one
        cannot be repeated. The function has not been called.
    :raises Exception: what the last attempt raised; its transaction is rolled back.

    .. versionadded:: 0.1
    """
    if attempts < 1:
        msg = f"retry_on_conflict needs at least one attempt, got {attempts}."
        raise ValueError(msg)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        if inspect.iscoroutinefunction(function):
            return cast("Callable[P, R]", _arepeated(function, attempts, using))
        return _repeated(function, attempts, using)

    return decorate if function is None else decorate(function)


def _repeated(function: Callable[P, R], attempts: int, using: str) -> Callable[P, R]:
    @functools.wraps(function)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        _refuse_part(function, using)
        for attempt in range(1, attempts):
            try:
                return function(*args, **kwargs)
            except DatabaseError as error:
                if not is_worth_repeating(error):
                    raise
            time.sleep(_pause_after(attempt))
        return function(*args, **kwargs)

    return repeated


def _arepeated(function: Any, attempts: int, using: str) -> Any:
    @functools.wraps(function)
    async def repeated(*args: Any, **kwargs: Any) -> Any:
        await in_thread(functools.partial(_refuse_part, function, using))
        for attempt in range(1, attempts):
            try:
                return await function(*args, **kwargs)
            except DatabaseError as error:
                if not is_worth_repeating(error):
                    raise
            await asyncio.sleep(_pause_after(attempt))
        return await function(*args, **kwargs)

    return repeated


def _refuse_part(function: object, using: str) -> None:
    if is_in_transaction(connections[using]):
        name = getattr(function, "__qualname__", repr(function))
        msg = (
            f"retry_on_conflict cannot repeat {name}: a transaction is open on "
            f"database {using!r}, and a part of one cannot be repeated. Put it around "
            f"the outermost atomic() block."
        )
        raise TransactionManagementError(msg)


def is_worth_repeating(error: DatabaseError) -> bool:
    """Tell whether a transaction ended by this error may succeed when repeated."""
    return not isinstance(error, LockBusy) and contention_in(error) is not None


def _pause_after(attempt: int) -> float:
    longest = min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S)
    return random.uniform(longest / 2, longest)  # noqa: S311 - no secret
