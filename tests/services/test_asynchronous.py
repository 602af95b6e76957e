"""What is of async runs alone. What they share with sync ones, ``each_way`` proves."""

import asyncio
import subprocess
import sys
import threading
from contextlib import asynccontextmanager, contextmanager

import pytest

from services import Inputs, MustBeAwaited, Outputs, Service, make, stage
from services.threads import in_thread

TIMEOUT_S = 30


class Mixed(Service):
    """Sync and async steps, which note where they run."""

    class outputs(Outputs):
        where: tuple[tuple[str, int], ...] = ()

    steps = (
        make("a"),
        stage(make("b"), within="held"),
        make("c", only_if="is_sync"),
        make("d"),
        make("e", only_if="is_async"),
        stage(make("f"), within="aheld"),
        stage(make("g"), recover="fix"),
    )

    def note(self, name):
        self.outputs.where = (*self.outputs.where, (name, threading.get_ident()))

    def a(self):
        self.note("a")

    @contextmanager
    def held(self):
        self.note("begin")
        yield
        self.note("commit")

    def b(self):
        self.note("b")

    def is_sync(self):
        self.note("is_sync")
        return True

    async def c(self):
        self.note("C")

    def d(self):
        self.note("d")

    async def is_async(self):
        self.note("IS_ASYNC")
        return True

    def e(self):
        self.note("e")

    @asynccontextmanager
    async def aheld(self):
        self.note("BEGIN")
        yield
        self.note("COMMIT")

    def f(self):
        self.note("f")

    async def g(self):
        self.note("G")
        raise ValueError

    def fix(self, _error):
        self.note("fix")


def test_async_methods_run_in_the_loop_and_all_others_in_one_thread():
    """Capitals are async. Steps keep their order, whatever they are."""

    async def run():
        return threading.get_ident(), (await Mixed.arun()).where

    loop, where = asyncio.run(run())
    assert [name for name, _ in where] == [
        *("a", "begin", "b", "commit", "is_sync", "C", "d", "IS_ASYNC", "e"),
        *("BEGIN", "f", "COMMIT", "G", "fix"),
    ]
    assert {name for name, thread in where if thread == loop} == {
        name for name, _ in where if name.isupper()
    }
    assert len({thread for _, thread in where}) == 2


@pytest.mark.parametrize("verb", ["run", "run_with", "attempt", "trace"])
def test_a_service_with_an_async_method_must_be_awaited(verb):
    """The refusal names the method, and the call to write instead."""
    given = (Mixed.inputs(),) if verb == "run_with" else ()
    with pytest.raises(MustBeAwaited) as refused:
        getattr(Mixed, verb)(*given)
    assert str(refused.value) == (
        f"Mixed: 'c' is async, so the run must be awaited. "
        f"Write 'await Mixed.a{verb}(...)'."
    )
    error = refused.value
    assert (error.service, error.method) == ("Mixed", "c")
    assert error.call == f"Mixed.a{verb}"


def test_a_stepper_does_sync_steps_and_awaits_async_ones():
    """Only a step that is async needs an event loop."""
    stepper = Mixed.stepper()
    stepper.until("c")
    with pytest.raises(MustBeAwaited) as refused:
        stepper.do("c")
    assert str(refused.value) == (
        "Mixed: 'c' is async, so the run must be awaited. "
        "Write 'await stepper.ado(...)'."
    )
    asyncio.run(stepper.ado("c"))
    stepper.do("d")
    with pytest.raises(MustBeAwaited, match="'is_async' is async"):
        stepper.until("f")
    assert [name for name, _ in stepper.outputs.where] == ["a", "b", "C", "d"]


def test_an_async_service_is_described_as_one():
    """Who reads the contract sees that it has to be awaited."""
    assert Mixed.describe().startswith("async Mixed() -> where: ")
    assert Mixed.definition.awaited == ("c", "is_async", "aheld", "g")


class Slow(Service):
    """Waits in the middle, in one world or the other; notes how it ends."""

    class inputs(Inputs):
        log: list[str]
        waiting: object
        go_on: object

    def begin(self):
        self.inputs.log.append("begin")

    async def abegin(self):
        self.inputs.log.append("begin")

    async def await_it(self):
        self.inputs.waiting.set()
        await asyncio.sleep(TIMEOUT_S)

    def wait(self):
        self.inputs.waiting.set()
        assert self.inputs.go_on.wait(TIMEOUT_S)
        self.inputs.log.append("waited")

    def end(self):
        self.inputs.log.append("end")

    @contextmanager
    def transaction(self):
        try:
            yield
        except BaseException as error:
            self.inputs.log.append(f"rollback: {type(error).__name__}")
            raise
        self.inputs.log.append("commit")

    @asynccontextmanager
    async def atransaction(self):
        with self.transaction():
            yield

    async def undo(self, error):
        await asyncio.sleep(0)
        self.inputs.log.append(f"undo: {type(error).__name__}")


class SlowInLoop(Slow):
    steps = (
        stage(
            make("begin"),
            make("await_it"),
            make("end"),
            within="atransaction",
            compensate="undo",
        ),
    )


class SlowInThread(Slow):
    steps = (
        stage(
            stage(make("begin"), make("wait"), make("end"), within="transaction"),
            compensate="undo",
        ),
    )


class SlowAtTheEnd(Slow):
    steps = (
        stage(
            stage(make("begin"), make("wait"), within="transaction"),
            compensate="undo",
        ),
    )


def cancelled(service):
    """Run, cancel while it waits, let it go on; give the error and the log."""
    log, go_on = [], threading.Event()

    async def run():
        waiting = threading.Event()
        task = asyncio.create_task(service.arun(log=log, waiting=waiting, go_on=go_on))
        assert await asyncio.to_thread(waiting.wait, TIMEOUT_S)
        task.cancel()
        asyncio.get_running_loop().call_soon(lambda: log.append("cancelled"))
        asyncio.get_running_loop().call_soon(go_on.set)
        with pytest.raises(asyncio.CancelledError) as raised:
            await task
        return raised.value

    return asyncio.run(run()), log


def test_a_cancelled_async_step_rolls_back_and_compensates():
    """It is interrupted where it awaits, and the error tells where that was."""
    error, log = cancelled(SlowInLoop)
    log.remove("cancelled")
    assert log == ["begin", "rollback: CancelledError", "undo: CancelledError"]
    assert error.__notes__[0] == "  SlowInLoop > await_it (2 of 3)"


def test_a_cancelled_sync_stage_ends_its_step_and_rolls_back():
    """No further step begins, and nobody is told that it is over before it is."""
    error, log = cancelled(SlowInThread)
    assert log == [
        "begin",
        "cancelled",
        "waited",
        "rollback: CancelledError",
        "undo: CancelledError",
    ]
    assert error.__notes__[0] == "  SlowInThread > end (3 of 3)"


def test_cancelled_in_its_last_step_a_run_is_compensated():
    """What has been committed already is undone as by any later failure."""
    _, log = cancelled(SlowAtTheEnd)
    assert log == ["begin", "cancelled", "waited", "commit", "undo: CancelledError"]


def test_a_cancellation_is_not_lost_in_an_error_of_the_thread():
    """What failed there after it is its cause, and nothing recovers from it."""

    class Failing(Slow):
        steps = (
            stage(make("pause"), make("break_off"), recover="fix"),
            make("end"),
        )

        async def pause(self):
            await asyncio.sleep(0)

        def break_off(self):
            self.wait()
            raise OSError

        def fix(self, _error):
            self.inputs.log.append("recovered")

    error, log = cancelled(Failing)
    assert log == ["cancelled", "waited"]
    assert isinstance(error.__cause__, OSError)


def test_the_end_of_the_loop_awaits_the_thread():
    """Every task is cancelled then, also those that nobody sees; and all is undone."""
    log, waiting, go_on = [], threading.Event(), threading.Event()

    async def main():
        given = {"log": log, "waiting": waiting, "go_on": go_on}
        background = asyncio.create_task(SlowAtTheEnd.arun(**given))
        assert await asyncio.to_thread(waiting.wait, TIMEOUT_S)
        threading.Timer(0.05, go_on.set).start()
        return background  # the loop ends, and with it all tasks

    assert asyncio.run(main()).cancelled()
    assert log == ["begin", "waited", "commit", "undo: CancelledError"]


def test_what_the_thread_never_began_is_given_up():
    """A loop that ends while the thread is busy waits for no more than is under way."""
    log = []

    class Brief(Service):
        steps = (make("work"),)

        def work(self):
            log.append("worked")

    async def main():
        busy, begun = threading.Event(), threading.Event()
        errand = in_thread(lambda: (begun.set(), busy.wait(TIMEOUT_S)))
        first = asyncio.create_task(errand)
        assert await asyncio.to_thread(begun.wait, TIMEOUT_S)
        second = asyncio.create_task(Brief.arun())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second.cancel()
        threading.Timer(0.05, busy.set).start()
        await asyncio.wait({first, second})
        return second

    assert asyncio.run(main()).cancelled()
    assert log == []


def test_an_interruption_comes_out_of_the_thread():
    """KeyboardInterrupt is no Exception, and is raised where the run is awaited."""

    async def main():
        with pytest.raises(KeyboardInterrupt):
            await in_thread(interrupt)

    def interrupt():
        raise KeyboardInterrupt

    asyncio.run(main())


def test_a_timeout_is_a_cancellation():
    """What asyncio makes of a cancellation it can still make of ours."""

    async def run():
        async with asyncio.timeout(0.01):
            await SlowInLoop.arun(log=[], waiting=threading.Event(), go_on=None)

    with pytest.raises(TimeoutError):
        asyncio.run(run())


def test_any_exception_comes_out_of_the_thread():
    """One that no future takes, StopIteration, is told as Python tells it."""

    class Exhausted(Service):
        steps = (make("work"),)

        def work(self):
            next(iter(()))

    with pytest.raises(RuntimeError) as raised:
        asyncio.run(Exhausted.arun())
    assert isinstance(raised.value.__cause__, StopIteration)
    assert raised.value.__notes__[0] == "  Exhausted > work (1 of 1)"


def test_runs_take_turns():
    """Two runs in one loop share nothing, and neither waits for the other's end."""

    class Meeting(Service):
        class inputs(Inputs):
            barrier: asyncio.Barrier

        class outputs(Outputs):
            place: int

        steps = (make("meet"),)

        async def meet(self):
            self.outputs.place = await self.inputs.barrier.wait()

    async def both():
        barrier = asyncio.Barrier(2)
        async with asyncio.timeout(TIMEOUT_S):
            return await asyncio.gather(
                Meeting.arun(barrier=barrier), Meeting.arun(barrier=barrier)
            )

    assert {run.place for run in asyncio.run(both())} == {0, 1}


def test_it_runs_without_asgiref():
    """`services` needs no Django, and so no thread of Django's."""
    program = """if True:
        import sys
        sys.modules["asgiref"] = None  # what Python itself takes for 'not there'
        import asyncio
        from tests.services.test_asynchronous import Mixed
        print(*[name for name, _ in asyncio.run(Mixed.arun()).where])
    """
    ended = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert ended.stderr == ""
    assert ended.stdout.startswith("a begin b commit")


def test_a_run_that_is_thrown_away_ends_at_once():
    """A coroutine that is closed awaits nothing more, not even a compensation."""
    log = []

    class Thrown(Service):
        steps = (
            stage(make("first"), compensate="undo"),
            stage(make("second"), compensate="undo"),
        )

        async def first(self):
            log.append("first")

        async def second(self):
            await asyncio.Future()

        async def undo(self, error):
            await asyncio.Future()

    async def main():
        run = Thrown.arun()
        run.send(None)
        run.close()

    asyncio.run(main())
    assert log == ["first"]
