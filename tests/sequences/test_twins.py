"""The async twins of the functions: the same, in an event loop."""

import asyncio
import inspect

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction

import sequences
from sequences import (
    BlockAllocator,
    Guarantee,
    LockBusy,
    Sequence,
    aallocate,
    aclose_allocators,
    adelete,
    aget_last_value,
    aget_next_value,
    aget_next_values,
    get_last_value,
)
from sequences.testing import OtherSession
from tests.sequences.marks import autocommit, with_row_locks

TWINS = [name for name in sequences.__all__ if f"a{name}" in sequences.__all__]


@autocommit
def test_they_do_the_same():
    """Numbers are taken, read and deleted, as by the functions themselves."""

    async def use() -> list[object]:
        return [
            await aget_next_value("s", initial_value=5),
            await aget_next_values(2, "s"),
            await aget_last_value("s"),
            await adelete("s"),
            await aget_last_value("s"),
        ]

    assert async_to_sync(use)() == [5, range(6, 8), 7, True, None]


@pytest.mark.parametrize("name", TWINS)
def test_they_take_the_same(name: str):
    """A twin is called with the arguments of the function."""
    function, twin = getattr(sequences, name), getattr(sequences, f"a{name}")
    assert inspect.iscoroutinefunction(twin)
    assert inspect.signature(twin) == inspect.signature(function)


def test_there_are_some():
    """Every function that waits for a database has one."""
    assert set(TWINS) >= {
        "get_next_value", "get_next_values", "get_last_value", "delete", "allocate",
        "close_allocators",
    }  # fmt: skip


@autocommit
def test_the_number_is_part_of_an_open_transaction():
    """It is taken on the connection on which the transaction is."""
    with transaction.atomic():
        assert async_to_sync(aget_next_value)("s") == 1
        transaction.set_rollback(True)
    assert get_last_value("s") is None


@autocommit
def test_any_guarantee_has_its_numbers_there():
    """From memory without leaving the loop, or in the transaction that is open."""
    events = Sequence("events", guarantee=Guarantee.BLOCKS, block_size=2)

    async def take() -> list[int]:
        numbers = [await aallocate(events) for _ in range(5)]
        await aclose_allocators()
        return numbers

    assert async_to_sync(take)() == [1, 2, 3, 4, 5]
    with transaction.atomic():
        assert async_to_sync(aallocate)("s") == 1
        transaction.set_rollback(True)
    assert get_last_value("s") is None


@autocommit
def test_the_loop_goes_on_while_a_block_is_fetched():
    """Who waits for a block does not keep others from running."""
    events = Sequence("events", guarantee=Guarantee.BLOCKS, block_size=2)

    async def take() -> tuple[int, list[str]]:
        order: list[str] = []

        async def go_on() -> None:
            order.append("another task")

        async with BlockAllocator(events) as allocator:
            other = asyncio.create_task(go_on())
            number = await allocator.atake()
            order.append("the number")
            await other
        return number, order

    assert async_to_sync(take)() == (1, ["another task", "the number"])
    assert get_last_value("events") == 1  # the rest of the block went back


@with_row_locks
@autocommit
def test_refusals_are_those_of_the_function():
    """A busy counter is LockBusy there too."""
    with OtherSession() as other:
        other.begin()
        other.run(sequences.get_next_value, "s")
        with pytest.raises(LockBusy):
            async_to_sync(aget_next_value)("s", nowait=True)


@autocommit
def test_a_cancelled_call_is_over_when_the_function_is():
    """Whoever was told of the cancelling finds the counter where it will stay."""

    async def cancel() -> int | None:
        call = asyncio.create_task(aget_next_value("s"))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        return await aget_last_value("s")

    stands_at = async_to_sync(cancel)()
    assert get_last_value("s") == stands_at
