"""The thread in which sync code runs while an event loop waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    # What Django keeps by thread, its connections above all, is found there again.
    from asgiref.sync import sync_to_async
except ImportError:
    _to_thread: Any = asyncio.to_thread
else:

    async def _to_thread(function: Any, *args: Any) -> Any:
        return await sync_to_async(function, thread_sensitive=True)(*args)


async def in_thread(
    call: Callable[[], Any], stop: Callable[[], object] | None = None
) -> Any:
    """
    Call something in the thread for sync code, and give what it gives.

    A thread cannot be cancelled. If its caller is, the thread is awaited all the same:
    nothing may go on, in a transaction perhaps, behind the back of someone who was told
    that it is over.

    :param stop: is called then, to ask for an early end.
    :raises asyncio.CancelledError: if the caller was cancelled, and the call ended well
        nevertheless.
    """
    task = asyncio.create_task(_to_thread(_outcome, call))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
            if stop is not None:
                stop()
    result, raised = task.result()
    if raised is not None:
        raise raised
    if cancelled is not None:
        raise cancelled
    return result


def _outcome(call: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    """Keep what is raised as a value: a future does not take every exception."""
    try:
        return call(), None
    except BaseException as error:  # noqa: BLE001 - raised where it is awaited
        return None, error
