"""
Numbers from memory: blocks are reserved ahead, in the background.

A number costs one call of a C function. Only where a part of a block ends does a thread
take the lock, and nobody holds it while the database is asked.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Final, Self
from weakref import WeakSet

from django.db import connections

from sequences.allocation.reserve_block import ReserveBlock
from sequences.allocation.return_block import ReturnBlock
from sequences.beside import beside
from sequences.counters import home_of
from sequences.definitions import Sequence
from sequences.errors import (
    AllocatorClosed,
    BlocksUsedUp,
    InvalidSequence,
    SequenceExhausted,
)
from sequences.forks import no_fork_on_sqlite
from sequences.guarantees import Guarantee
from sequences.transactions import is_in_transaction, retry_on_conflict
from services.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

LOW_WATER: Final = 4
"""The next block is fetched when the last quarter of the last one is begun."""

_IDLE_S: Final = 1.0
"""How long the fetcher stays, on SQLite without a connection, for the next wish."""

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 5.0


class BlockAllocator:
    """
    The numbers of a sequence for all threads of a process, without the database.

    While the database is away, numbers go on until the blocks in memory are used up:
    a quarter of a block at the least, two blocks at the most. Two blocks are also what
    a crash can lose. What :meth:`close` finds unused goes back, if no other process has
    reserved a block since and the sequence does not loop. After a fork, the child
    reserves blocks of its own; on SQLite, a fork waits for a block that is under way.

    :param sequence: declared as BLOCKS, with the ``block_size`` of its blocks.
    :param timeout_s: how long a caller waits for a block when none is left, in seconds.
        While the database refuses, callers do not wait.
    :raises InvalidSequence: if the sequence is a name, not declared as BLOCKS, or a
        series of which each part has numbers of its own.

    .. versionadded:: 0.1
    """

    def __init__(self, sequence: Sequence, *, timeout_s: float = 10.0) -> None:
        if not isinstance(sequence, Sequence):
            reason = "a BlockAllocator takes a declared one. Pass the Sequence itself."
            raise InvalidSequence(sequence, reason)
        sequence.require(Guarantee.BLOCKS)
        sequence.require_counter()
        self.sequence = sequence
        self.timeout_s = timeout_s
        self.returned = 0
        """How many numbers :meth:`close` has given back."""
        self._begin()
        _living.add(self)

    def _begin(self) -> None:
        """Start with nothing, as a new process does."""
        self._changed = threading.Condition()
        self._ready: deque[range] = deque()
        self._is_wanted = False
        self._is_closed = False
        self._failure: Exception | None = None
        self._fetcher: threading.Thread | None = None
        self._use(range(0))

    def take(self) -> int:
        """
        Take the next number.

        It has no part in the caller's transaction: it is gone even if that rolls back.

        :raises BlocksUsedUp: if none is left in memory, and no block could be fetched.
            The next call tries again.
        :raises SequenceExhausted: if the sequence has no number left.
        :raises AllocatorClosed: after :meth:`close`.
        """
        try:
            return self._draw()
        except StopIteration:
            return self._take_from_next_part()

    async def atake(self) -> int:
        """
        Do what :meth:`take` does, in an event loop, which goes on while it waits.

        Cancelled while it waits for a block, it may leave a gap of one number.

        .. versionadded:: 0.1
        """
        try:
            return self._draw()
        except StopIteration:
            return await asyncio.to_thread(self._take_from_next_part)

    def close(self) -> int:
        """
        Stop, and give back the unused numbers at the end of the last block.

        :returns: how many went back; 0 if another process has reserved a block since,
            or if the sequence loops.
        :raises DatabaseError: if the database could not be asked; none went back.
        """
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            fetcher = self._fetcher
        if fetcher is not None:
            fetcher.join()  # what it fetches meanwhile goes back as well
        unused = self._drained()
        if unused:
            self.returned = self._give_back(unused)
        return self.returned

    async def aclose(self) -> int:
        """
        Do what :meth:`close` does, in an event loop.

        .. versionadded:: 0.1
        """
        returned: int = await in_thread(self.close)
        return returned

    def _give_back(self, unused: range) -> int:
        def give_back() -> int:
            return ReturnBlock.run(sequence=self.sequence, unused=unused).returned

        # No thread where none is needed: a process that is ending cannot start one.
        using = home_of(self.sequence)
        in_transaction = is_in_transaction(connections[using])
        return beside(give_back, using) if in_transaction else give_back()

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        return self.take()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<BlockAllocator {self.sequence.sequence_name!r}>"

    def _use(self, part: range) -> None:
        self._part = part
        self._numbers = iter(part)
        self._draw = self._numbers.__next__

    def _take_from_next_part(self) -> int:
        deadline = monotonic() + self.timeout_s
        with self._changed:
            while True:
                try:
                    return self._draw()  # another thread may have been here first
                except StopIteration:
                    pass
                if self._is_closed:
                    raise AllocatorClosed(self.sequence.sequence_name)
                if self._ready:
                    self._use(self._ready.popleft())
                    if not self._ready:
                        self._want_a_block()
                else:
                    self._want_a_block()
                    self._refuse_to_wait_in_vain()
                    if not self._changed.wait(deadline - monotonic()):
                        raise BlocksUsedUp(self.sequence.sequence_name)

    def _refuse_to_wait_in_vain(self) -> None:
        name, failure = self.sequence.sequence_name, self._failure
        if isinstance(failure, SequenceExhausted):
            raise self.sequence.exhausted(failure.last, 1, 0)
        if failure is not None:
            raise BlocksUsedUp(name) from failure

    def _want_a_block(self) -> None:
        if self._fetcher is None or not self._fetcher.is_alive():
            fetcher = threading.Thread(
                target=self._fetch,
                name=f"sequences-blocks-{self.sequence.sequence_name}",
                daemon=True,
            )
            fetcher.start()  # may fail: nobody is to wait for one that never began
            self._fetcher = fetcher
        if not self._is_wanted:  # else those who wait would wake each other for ever
            self._is_wanted = True
            self._changed.notify_all()

    def _fetch(self) -> None:
        """Fetch blocks as long as they are wanted; in a thread, on its connection."""
        pause_s = _FIRST_PAUSE_S
        try:
            while self._is_wanted_within(_IDLE_S):
                try:
                    block = self._reserve()
                except SequenceExhausted as error:
                    self._fail(error, is_wanted=False)
                except Exception as error:  # noqa: BLE001 - told to who waits
                    connections.close_all()  # it may be the connection that is broken
                    self._fail(error, is_wanted=True)
                    self._rest(pause_s)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                else:
                    pause_s = _FIRST_PAUSE_S
                    self._arrive(block)
        finally:
            connections.close_all()

    def _reserve(self) -> range:
        """Reserve a block; that another process was in the way is nobody's concern."""
        using = home_of(self.sequence)

        @retry_on_conflict(using=using)
        def reserve() -> range:
            with no_fork_on_sqlite(using):  # in here, so that a fork waits for one try
                return ReserveBlock.run(sequence=self.sequence).block

        return reserve()

    def _is_wanted_within(self, idle_s: float) -> bool:
        """Wait for a wish; where none comes, end, so that the connection is free."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_wanted or self._is_closed, idle_s)
            if self._is_wanted and not self._is_closed:
                return True
            self._fetcher = None
            return False

    def _fail(self, error: Exception, *, is_wanted: bool) -> None:
        with self._changed:
            self._failure = error
            self._is_wanted = is_wanted
            self._changed.notify_all()

    def _rest(self, pause_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed, pause_s)

    def _arrive(self, block: range) -> None:
        at = len(block) - len(block) // LOW_WATER
        with self._changed:
            self._ready += [part for part in (block[:at], block[at:]) if part]
            self._failure = None
            self._is_wanted = False
            self._changed.notify_all()

    def _drained(self) -> range:
        """Take all that is left; give the end of it that is in one run."""
        with self._changed:
            # Drawn as take() draws, so that no other thread gets one of them as well.
            drawn = list(self._numbers)
            left = [self._part[len(self._part) - len(drawn) :], *self._ready]
            self._ready.clear()
        unused = range(0)
        for part in reversed([part for part in left if part]):
            if unused and part[-1] + part.step != unused[0]:
                break
            unused = range(part[0], (unused or part).stop, part.step)
        return unused


_living: WeakSet[BlockAllocator] = WeakSet()


def _start_anew_after_fork() -> None:
    """Leave the parent its numbers: both would give them out."""
    for allocator in _living:
        allocator._begin()  # noqa: SLF001 - of this module


if hasattr(os, "register_at_fork"):  # else nobody can fork
    os.register_at_fork(after_in_child=_start_anew_after_fork)
