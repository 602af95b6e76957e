"""Who forks while threads of this package are at a database."""

import gc
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

from sequences import (
    BlockAllocator,
    BlocksUsedUp,
    Guarantee,
    ReserveBlock,
    Sequence,
    forks,
)
from sequences.beside import beside
from sequences.counters import counter_for
from sequences.testing import PATIENCE_S, OtherSession
from tests.sequences.marks import on_sqlite, with_row_locks

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="There is no fork here."),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded"),
]

Opened = Future[BaseDatabaseWrapper]

orders = Sequence("orders", guarantee=Guarantee.BLOCKS, block_size=8)


@pytest.fixture
def opened() -> Iterator[Opened]:
    """The first connection that one of this package's threads opens, when it has."""
    future: Opened = Future()

    def tell(connection: BaseDatabaseWrapper, **_: object) -> None:
        ours = threading.current_thread().name.startswith("sequences-")
        if ours and not future.done():
            future.set_result(connection)

    connection_created.connect(tell)
    yield future
    connection_created.disconnect(tell)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads of the test, for what waits or forks."""
    with ThreadPoolExecutor() as executor:
        yield executor


def is_open_in_a_child(opened: Opened) -> bool:
    """Fork, and tell whether the connection is open there."""
    child = os.fork()
    if child == 0:
        os._exit(opened.result().connection is not None)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def fork_during_a_fetch(
    allocator: BlockAllocator,
    other: OtherSession,
    opened: Opened,
    threads: ThreadPoolExecutor,
) -> tuple[Future[int], Future[bool]]:
    """Begin to take a number, which another keeps waiting, and then to fork."""
    other.begin()
    other.run(lambda: counter_for(orders).lock())
    number = threads.submit(allocator.take)
    opened.result(PATIENCE_S)
    return number, threads.submit(is_open_in_a_child, opened)


def is_held_back(fork: Future[bool]) -> bool:
    """Tell whether a fork waits, as soon as it either does or is done."""
    wait_until(lambda: fork.done() or bool(forks._gate._changed._waiters))
    return not fork.done()


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when it holds."""
    deadline = monotonic() + PATIENCE_S
    while not condition():
        assert monotonic() < deadline
        sleep(0.005)


@on_sqlite
def test_nobody_forks_while_sqlite_is_asked_for_a_block(
    other: OtherSession, opened: Opened, threads: ThreadPoolExecutor
):
    """A fork waits until the block is there, and the fetcher's connection closed."""
    with BlockAllocator(orders) as allocator:
        number, fork = fork_during_a_fetch(allocator, other, opened, threads)
        was_held_back = is_held_back(fork)
        other.commit()

        assert was_held_back
        assert (number.result(), fork.result()) == (1, False)


@on_sqlite
def test_a_fork_waits_for_one_try(
    monkeypatch: pytest.MonkeyPatch,
    other: OtherSession,
    opened: Opened,
    threads: ThreadPoolExecutor,
):
    """While another process keeps SQLite locked, a fork waits for one timeout only."""
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.5)
    with BlockAllocator(orders) as allocator:
        other.begin()
        other.run(lambda: counter_for(orders).lock())
        number = threads.submit(allocator.take)
        opened.result(PATIENCE_S)
        is_open = threads.submit(is_open_in_a_child, opened).result(PATIENCE_S)
        other.commit()

        assert not is_open
        assert number.result() == 1


@on_sqlite
def test_no_fetcher_has_sqlite_open_when_its_block_is_there(opened: Opened):
    """Between blocks there is nothing that a child could inherit."""
    with BlockAllocator(orders) as allocator:
        allocator.take()

        assert opened.result().connection is None


@on_sqlite
def test_a_try_that_failed_leaves_nothing_open(
    monkeypatch: pytest.MonkeyPatch, other: OtherSession, opened: Opened
):
    """No cursor outlives its connection, which SQLite would keep open for it."""
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0)
    sessions: list[object] = []
    opened.add_done_callback(lambda it: sessions.append(it.result().connection))
    other.begin()
    other.run(lambda: counter_for(orders).lock())
    with BlockAllocator(orders) as allocator:
        with pytest.raises(BlocksUsedUp):
            allocator.take()
        other.rollback()

        cursors = [it for it in gc.get_objects() if isinstance(it, SQLiteCursorWrapper)]
        assert len(sessions) == 1
        assert not any(cursor.connection in sessions for cursor in cursors)


@on_sqlite
def test_nobody_forks_while_sqlite_is_open_beside_a_transaction(
    opened: Opened, threads: ThreadPoolExecutor
):
    """A thread that works beside the caller's transaction is waited for as well."""
    go_on = threading.Event()

    def work() -> None:
        connection.ensure_connection()
        go_on.wait()

    threads.submit(beside, work, "default")
    opened.result(PATIENCE_S)
    fork = threads.submit(is_open_in_a_child, opened)
    was_held_back = is_held_back(fork)
    go_on.set()

    assert was_held_back
    assert not fork.result()


def test_a_thread_that_forks_does_not_wait_for_itself():
    """What is called back in a thread that holds forks back may fork."""
    gate = forks.ForkGate()

    def fork() -> None:
        with gate.held():
            gate.begin_fork()

    thread = threading.Thread(target=fork, daemon=True)
    thread.start()
    thread.join(PATIENCE_S / 5)

    assert not thread.is_alive()


@with_row_locks
def test_a_fork_does_not_wait_for_a_server(
    other: OtherSession, opened: Opened, threads: ThreadPoolExecutor
):
    """While a server is asked for a block, a process forks as ever."""
    ReserveBlock.run(sequence=orders)  # there is a counter to be locked
    with BlockAllocator(orders) as allocator:
        number, fork = fork_during_a_fetch(allocator, other, opened, threads)
        was_held_back = is_held_back(fork)
        is_under_way = not number.done()
        other.commit()

        assert is_under_way
        assert not was_held_back
        assert number.result() == 9


@on_sqlite
def test_no_block_is_asked_for_while_a_process_forks(
    opened: Opened, threads: ThreadPoolExecutor
):
    """Who comes after a fork waits for it, so that it is not put off for ever."""
    gate = forks._gate
    with BlockAllocator(orders) as allocator:
        gate.begin_fork()
        number = threads.submit(allocator.take)
        wait_until(lambda: opened.done() or bool(gate._changed._waiters))
        was_opened = opened.done()
        gate.end_fork()

        assert not was_opened
        assert number.result() == 1
