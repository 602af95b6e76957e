"""What errors hold on to."""

from __future__ import annotations

from traceback import clear_frames


def let_go(error: BaseException) -> None:
    """
    Drop what the frames of an error hold, and of those that led to it.

    A cursor that is left there keeps SQLite open, though its connection is closed. And
    it goes when another thread collects garbage: SQLite lets that thread wait, for as
    long as the cursor's thread waits for a lock.
    """
    cause: BaseException | None = error
    while cause is not None:
        clear_frames(cause.__traceback__)
        cause = cause.__cause__ or cause.__context__
