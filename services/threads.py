"""The thread in which sync code runs while an event loop waits for it."""

from __future__ import annotations

import asyncio
from threading import Lock
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
    that it is over. So it is when the event loop itself comes to its end.

    :param stop: is called then, to ask for an early end.
    :raises asyncio.CancelledError: if the caller was cancelled, however the call ended.
    """
    errand = _Errand(call)
    task = asyncio.create_task(_to_thread(errand))
    task.add_done_callback(errand.left_alone)
    cancelled: asyncio.CancelledError | None = None
    while not errand.outcome.done():
        try:
            await asyncio.wait({errand.outcome})
        except asyncio.CancelledError as error:
            cancelled = error
            if stop is not None:
                stop()
    result, raised = errand.outcome.result()
    if cancelled is not None:
        raise cancelled from raised
    if raised is not None:
        raise raised
    return result


class _Errand:
    """
    A call in the thread, which tells the loop by itself how it ended.

    The task that sent it there cannot: it may be cancelled, and over, long before.
    """

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.loop = asyncio.get_running_loop()
        # Both are values: a future does not take every exception.
        self.outcome: asyncio.Future[tuple[Any, BaseException | None]]
        self.outcome = self.loop.create_future()
        self.taken = Lock()
        """Held by whoever came first: the thread, or the end of the task."""

    def __call__(self) -> None:
        if not self.taken.acquire(blocking=False):
            return
        outcome: tuple[Any, BaseException | None]
        try:
            outcome = self.call(), None
        except BaseException as error:  # noqa: BLE001 - raised where it is awaited
            outcome = None, error
        self.loop.call_soon_threadsafe(self.outcome.set_result, outcome)

    def left_alone(self, task: asyncio.Task[None]) -> None:
        """Give up if the task has ended and the thread has not begun."""
        if self.taken.acquire(blocking=False):
            cancelled = asyncio.CancelledError()
            error = cancelled if task.cancelled() else task.exception()
            self.outcome.set_result((None, error))
