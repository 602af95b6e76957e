"""One call for every guarantee."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from functools import partial
from typing import Final

from sequences.allocation.allocate_number import AllocateNumber
from sequences.allocation.claim_number import ClaimNumber
from sequences.allocation.draw_number import DrawNumber
from sequences.blocks import BlockAllocator
from sequences.counters import home_of
from sequences.definitions import Sequence, declared
from sequences.errors import InvalidSequence
from sequences.guarantees import Guarantee
from sequences.twins import async_twin
from services.threads import in_thread

_allocators: Final[dict[tuple[str, str], BlockAllocator]] = {}


def allocate(sequence: Sequence | str) -> int:
    """
    Take a number, in the way that the sequence's guarantee asks for.

    SERIAL and POOLED numbers belong to the open transaction; BLOCKS and NATIVE numbers
    are gone at once. All calls of a process share one :class:`BlockAllocator` for each
    sequence of BLOCKS.

    :param sequence: a declared sequence, or the name of a plain, SERIAL one.
    :raises InvalidSequence: if the sequence is GROUPED: its documents are numbered
        after their commit, by :class:`NumberPending`; or if it counts by period or
        scope, and is no part.
    :raises NoTransaction: for SERIAL and POOLED, if no transaction is open.
    :raises DocumentsAhead: for SERIAL, if a document has a higher number than the
        counter, see :class:`AllocateNumber`; nothing was taken.
    :raises SequenceExhausted: if there is no number left.
    :raises BlocksUsedUp: for BLOCKS, see :class:`BlockAllocator`.

    .. versionadded:: 0.1
    """
    sequence = declared(sequence)
    sequence.require_counter()
    match sequence.guarantee:
        case Guarantee.SERIAL:
            return AllocateNumber.run(sequence=sequence).value
        case Guarantee.POOLED:
            return ClaimNumber.run(sequence=sequence).value
        case Guarantee.BLOCKS:
            return _allocator_of(sequence).take()
        case Guarantee.NATIVE:
            return DrawNumber.run(sequence=sequence).value
        case Guarantee.GROUPED:
            raise InvalidSequence(
                sequence.sequence_name,
                "it is declared as GROUPED: save the document without a number, and "
                "run NumberPending after the commit.",
            )


async def aallocate(sequence: Sequence | str) -> int:
    """
    Do what :func:`sequences.allocate` does, in an event loop.

    Numbers of BLOCKS come from memory without leaving the loop. All others are taken in
    the thread in which Django keeps its connections, where SERIAL and POOLED need an
    open transaction: as in a stage of a service that is ``within`` one.

    .. versionadded:: 0.1
    """
    sequence = declared(sequence)
    if sequence.guarantee is Guarantee.BLOCKS:
        return await _allocator_of(sequence).atake()
    number: int = await in_thread(partial(allocate, sequence))
    return number


def close_allocators() -> int:
    """
    Close the allocators that :func:`allocate` shares, and give back what is unused.

    For the end of a process, or of a test. The next call of ``allocate`` starts anew.

    :returns: how many numbers went back.
    :raises DatabaseError: if a database could not be asked; the others are closed.

    .. versionadded:: 0.1
    """
    closing = []
    with suppress(KeyError):  # there is none left
        while True:
            closing.append(_allocators.popitem()[1])
    with ExitStack() as stack:
        for allocator in closing:
            stack.enter_context(allocator)  # closes all, even if one cannot
    return sum(allocator.returned for allocator in closing)


aclose_allocators = async_twin(close_allocators)


def _allocator_of(sequence: Sequence) -> BlockAllocator:
    where = home_of(sequence), sequence.sequence_name
    found = _allocators.get(where)
    if found is None:
        # Of two that are made at once, one is used; a lock could be held at a fork.
        found = _allocators.setdefault(where, BlockAllocator(sequence))
    return found
