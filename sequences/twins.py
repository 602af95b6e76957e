"""Async twins of functions that talk to a database."""

from __future__ import annotations

from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from services.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

P = ParamSpec("P")
R = TypeVar("R")


def async_twin(function: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """
    Make the twin of a function, for event loops; its name begins with ``a``.

    It runs in the thread in which Django keeps its connections. Cancelled, it is over
    only when the function is: a number is never taken behind the caller's back.
    """

    async def twin(*args: P.args, **kwargs: P.kwargs) -> R:
        result: R = await in_thread(partial(function, *args, **kwargs))
        return result

    update_wrapper(twin, function)
    twin.__name__ = twin.__qualname__ = f"a{function.__name__}"
    twin.__doc__ = f"""
    Do what :func:`sequences.{function.__name__}` does, in an event loop.

    Cancelled, it is over only when that is.

    .. versionadded:: 0.1
    """
    return twin
