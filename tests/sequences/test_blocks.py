import os
import threading
from itertools import chain
from time import monotonic, sleep

import pytest
from django.db import connection, transaction

from sequences import (
    AllocatorClosed,
    BlockAllocator,
    BlocksUsedUp,
    Guarantee,
    InsideTransaction,
    InvalidSequence,
    ReserveBlock,
    ReturnBlock,
    Sequence,
    SequenceExhausted,
    allocate,
    close_allocators,
    dispatch,
    get_last_value,
)
from sequences.counters import counter_for
from sequences.models import Sequence as Counter
from sequences.testing import PATIENCE_S, OtherSession
from tests.sequences.marks import on_mariadb, with_row_locks

pytestmark = pytest.mark.django_db(transaction=True)


def orders(**options: int) -> Sequence:
    """Declare a sequence of blocks."""
    return Sequence("orders", guarantee=Guarantee.BLOCKS, **options)


def test_a_block_is_the_next_numbers_and_moves_the_counter():
    """Reserved blocks follow each other without overlap."""
    ten = orders(block_size=10)

    blocks = [ReserveBlock.run(sequence=ten).block for _ in range(2)]

    assert blocks == [range(1, 11), range(11, 21)]
    assert get_last_value("orders") == 20


def test_the_last_block_is_as_small_as_what_is_left():
    """In front of the end a block is cut, and behind it there is none."""
    fifteen = orders(block_size=10, max_value=15)

    blocks = [ReserveBlock.run(sequence=fifteen).block for _ in range(2)]

    assert blocks == [range(1, 11), range(11, 16)]
    with pytest.raises(SequenceExhausted):
        ReserveBlock.run(sequence=fifteen)


def test_a_block_stops_in_front_of_a_loop():
    """No block contains both the end and the beginning of a loop."""
    loop = orders(block_size=10, reset_value=16)

    blocks = [ReserveBlock.run(sequence=loop).block for _ in range(3)]

    assert blocks == [range(1, 11), range(11, 16), range(1, 11)]


def test_a_block_inside_a_transaction_is_refused():
    """Nothing is set aside that could roll back and be handed out twice."""
    with transaction.atomic(), pytest.raises(InsideTransaction) as refusal:
        ReserveBlock.run(sequence=orders())

    assert str(refusal.value) == (
        "Cannot set numbers of sequence 'orders' aside: a transaction is open on "
        "database 'default', and if it rolled back they would be given out twice. "
        "Call outside of transaction.atomic()."
    )
    assert get_last_value("orders") is None


def test_what_is_left_goes_back():
    """The unused end of the newest block is given out again."""
    block = ReserveBlock.run(sequence=orders(block_size=10)).block

    returned = ReturnBlock.run(sequence=orders(), unused=block[4:]).returned

    assert returned == 6
    assert get_last_value("orders") == 4


def test_a_block_that_was_never_used_leaves_no_trace():
    """If the first block goes back whole, the counter is as new."""
    block = ReserveBlock.run(sequence=orders(block_size=10)).block

    ReturnBlock.run(sequence=orders(), unused=block)

    assert get_last_value("orders") is None


def test_nothing_goes_back_behind_the_block_of_another():
    """If somebody reserved since, returning would give his numbers out twice."""
    ten = orders(block_size=10)
    block = ReserveBlock.run(sequence=ten).block
    ReserveBlock.run(sequence=ten)

    assert ReturnBlock.run(sequence=ten, unused=block[4:]).returned == 0
    assert get_last_value("orders") == 20


def test_nothing_goes_back_to_a_loop():
    """Its counter may stand at the same place again, behind the block of another."""
    loop = orders(block_size=5, reset_value=11)
    block, _, again = (ReserveBlock.run(sequence=loop).block for _ in range(3))

    assert block == again
    assert ReturnBlock.run(sequence=loop, unused=block[2:]).returned == 0
    assert ReserveBlock.run(sequence=loop).block == range(6, 11)


def test_numbers_come_in_order_over_many_blocks():
    """One thread meets every number once, in order, whatever the size of blocks."""
    with BlockAllocator(orders(block_size=7)) as allocator:
        assert [next(allocator) for _ in range(50)] == list(range(1, 51))


def test_a_clean_shutdown_leaves_no_gap():
    """After close, the next number is the one after the last that was taken."""
    with BlockAllocator(orders(block_size=100)) as allocator:
        for _ in range(30):
            allocator.take()

    assert get_last_value("orders") == 30


def test_after_close_nothing_is_given():
    """A closed allocator says so."""
    allocator = BlockAllocator(orders())
    allocator.close()

    with pytest.raises(AllocatorClosed) as refusal:
        allocator.take()

    assert str(refusal.value) == (
        "The allocator of sequence 'orders' is closed. Make a new one."
    )
    assert not fetchers()


def fetchers() -> list[str]:
    """Give the names of the threads that fetch blocks."""
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("sequences-blocks-")]


def test_what_another_process_holds_between_does_not_go_back():
    """Of the blocks in memory only those behind everybody else's are returned."""
    allocator = BlockAllocator(orders(block_size=8))
    for _ in range(5):
        allocator.take()
    theirs = ReserveBlock.run(sequence=orders(block_size=8)).block
    for _ in range(2):
        allocator.take()  # the second begins the last quarter, so a block is fetched
    with allocator._changed:
        assert allocator._changed.wait_for(lambda: allocator._ready, PATIENCE_S)

    assert allocator.close() == 8
    assert (theirs, get_last_value("orders")) == (range(9, 17), 16)


def test_a_fetcher_that_never_began_is_not_waited_for(monkeypatch):
    """Where the system gives no thread, what is in memory still goes back."""
    allocator = BlockAllocator(orders(block_size=4))

    def refuse(_thread: threading.Thread) -> None:
        msg = "can't start new thread"
        raise RuntimeError(msg)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start"):
        allocator.take()
    assert allocator.close() == 0


def test_close_does_not_wait_for_a_database_that_is_away():
    """The fetcher, which would go on trying, is told to stop."""
    away = Sequence("orders", guarantee=Guarantee.BLOCKS, using="nowhere")
    allocator = BlockAllocator(away)
    with pytest.raises(BlocksUsedUp):
        allocator.take()
    closing = threading.Thread(target=allocator.close, daemon=True)
    closing.start()
    closing.join(PATIENCE_S / 5)

    assert not closing.is_alive()


def test_threads_share_the_numbers():
    """Many threads at once get every number once."""
    given: list[list[int]] = [[] for _ in range(8)]
    with BlockAllocator(orders(block_size=50)) as allocator:

        def work(mine: list[int]) -> None:
            mine.extend(allocator.take() for _ in range(500))

        threads = [threading.Thread(target=work, args=[mine]) for mine in given]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(chain(*given)) == list(range(1, 4001))


@on_mariadb
def test_two_allocators_that_are_the_first_at_once_both_serve(other: OtherSession):
    """Where there is no counter yet to be locked, the second repeats unnoticed.

    Who locks a row that is not there, at REPEATABLE READ, keeps both from making it.
    """

    def take() -> int:
        with BlockAllocator(orders(block_size=10)) as allocator:
            return allocator.take()

    missing = Counter.objects.select_for_update().filter(name="orders")
    with (
        OtherSession() as second,
        OtherSession(isolation_level="REPEATABLE READ") as holder,
    ):
        holder.begin()
        holder.run(missing.exists)
        taken = [session.start(take) for session in (other, second)]
        wait_until_waiting_for_locks(2)
        holder.rollback()

        assert len({each.result() for each in taken}) == 2


def wait_until_waiting_for_locks(sessions: int) -> None:
    """Return when so many sessions wait: here, those of fetching threads."""
    deadline = monotonic() + PATIENCE_S
    waiting = 0
    while waiting != sessions:
        assert monotonic() < deadline
        sleep(0.15)  # InnoDB looks anew only if nobody has asked for 0.1 s
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM information_schema.innodb_trx "
                "WHERE trx_state = 'LOCK WAIT'"
            )
            [waiting] = cursor.fetchone()


@with_row_locks
def test_many_who_find_nothing_reserve_one_block(other: OtherSession):
    """Threads that all meet the end of the numbers in memory fetch once, together."""
    ReserveBlock.run(sequence=orders(block_size=1))
    other.begin()
    other.run(lambda: counter_for(orders()).lock())
    given: list[int] = []
    with BlockAllocator(orders(block_size=100)) as allocator:
        threads = [
            threading.Thread(target=lambda: given.append(allocator.take()))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        try:
            wait_until_waiting_for_a_block(allocator, len(threads))
        finally:
            other.commit()
        for thread in threads:
            thread.join()

        assert sorted(given) == list(range(2, 10))
        assert get_last_value("orders") == 101


def wait_until_waiting_for_a_block(allocator: BlockAllocator, threads: int) -> None:
    """Return when so many threads wait at one time, none of them woken in vain."""
    deadline = monotonic() + PATIENCE_S / 5
    while len(allocator._changed._waiters) < threads:
        assert monotonic() < deadline, "They wake each other all the time."
        sleep(0.005)


@with_row_locks
def test_nobody_waits_for_a_block_that_is_fetched_ahead(other: OtherSession):
    """While the fetcher waits for the database, numbers in memory are given out."""
    with BlockAllocator(orders(block_size=8)) as allocator:
        allocator.take()
        other.begin()
        other.run(lambda: counter_for(orders()).lock())

        assert [allocator.take() for _ in range(7)] == list(range(2, 9))
        assert get_last_value("orders") == 8
        other.commit()
        assert allocator.take() == 9


def test_the_end_is_told_and_not_waited_for():
    """When a sequence has no number left, callers learn it at once."""
    with BlockAllocator(orders(block_size=2, max_value=3)) as allocator:
        assert [allocator.take() for _ in range(3)] == [1, 2, 3]
        with pytest.raises(SequenceExhausted):
            allocator.take()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="There is no fork here.")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_child_has_numbers_of_its_own():
    """A number in memory at the fork is not given out by both processes."""
    with BlockAllocator(orders(block_size=100)) as allocator:
        allocator.take()
        reader, writer = os.pipe()
        connection.close()  # a child must not speak on its parent's
        child = os.fork()
        if child == 0:
            try:
                os.write(writer, b"%d" % allocator.take())
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        os.close(writer)  # else reading would wait for what no child has written
        theirs = int(os.read(reader, 20))

        assert allocator.take() == 2
        assert theirs > 100


@with_row_locks
def test_a_number_from_memory_does_not_roll_back():
    """In a transaction too, a number is gone when it is taken."""
    with BlockAllocator(orders()) as allocator:
        with transaction.atomic():
            first = allocator.take()
            transaction.set_rollback(True)

        assert (first, allocator.take()) == (1, 2)


def test_only_a_sequence_of_blocks_is_served_from_memory():
    """A sequence that promises more is refused."""
    with pytest.raises(InvalidSequence) as refusal:
        BlockAllocator(Sequence("orders"))

    assert str(refusal.value) == (
        "Sequence 'orders': it is declared as SERIAL, not as BLOCKS: its numbers come "
        "from AllocateNumber."
    )


def test_a_name_is_not_served_from_memory():
    """A plain sequence is SERIAL; one of blocks has to be declared."""
    with pytest.raises(InvalidSequence) as refusal:
        BlockAllocator("orders")  # type: ignore[arg-type]

    assert str(refusal.value) == (
        "Sequence 'orders': a BlockAllocator takes a declared one. Pass the Sequence "
        "itself."
    )


def test_who_makes_an_allocator_keeps_nobody_from_making_one(
    monkeypatch: pytest.MonkeyPatch,
):
    """No lock is held that a child of a fork could never get."""
    slow, quick = (
        Sequence(name, guarantee=Guarantee.BLOCKS) for name in ("slow", "quick")
    )
    begun, go_on = threading.Event(), threading.Event()

    class Slow(BlockAllocator):
        def __init__(self, sequence: Sequence) -> None:
            if sequence is slow:
                begun.set()
                go_on.wait()
            super().__init__(sequence)

    monkeypatch.setattr(dispatch, "BlockAllocator", Slow)
    first = threading.Thread(target=allocate, args=[slow])
    second = threading.Thread(target=allocate, args=[quick])
    first.start()
    begun.wait()
    second.start()
    second.join(PATIENCE_S / 5)
    is_served = not second.is_alive()
    go_on.set()
    first.join()
    close_allocators()

    assert is_served


def test_allocate_shares_one_allocator():
    """allocate() serves equal declarations from the same blocks."""
    shared = Sequence("shared orders", guarantee=Guarantee.BLOCKS)
    again = Sequence("shared orders", guarantee=Guarantee.BLOCKS)

    first, second = allocate(shared), allocate(again)

    assert (first, second) == (1, 2)
    assert close_allocators() == 998
    assert get_last_value("shared orders") == 2
