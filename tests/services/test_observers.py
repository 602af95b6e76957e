"""Observers: what they are told, in which order, and that they disturb nothing."""

import asyncio
import logging
import threading
from contextlib import contextmanager, suppress

import pytest

from services import (
    Done,
    Inputs,
    LoggingObserver,
    Observer,
    Outputs,
    Service,
    ServiceFailed,
    add_observer,
    attribute,
    make,
    observe,
    remove_observer,
    stage,
)
from services.seam import SEAM

pytestmark = pytest.mark.usefixtures("each_way")


class Inner(Service):
    class inputs(Inputs):
        password: str = attribute(default="secret", sensitive=True)
        end: str = ""

    class outputs(Outputs):
        value: int = 1

    steps = (make("work"), make("rest", only_if="is_long"))

    def work(self) -> Done | None:
        if self.inputs.end == "fail":
            self.fail("It cannot be.", code="no")
        if self.inputs.end == "break":
            raise ZeroDivisionError
        return self.done() if self.inputs.end == "done" else None

    def rest(self): ...

    def is_long(self):
        if self.inputs.end == "condition":
            raise LookupError
        return False


class Outer(Service):
    class inputs(Inputs):
        end: str = ""

    steps = (
        stage(make("skipped"), only_unless="always"),
        stage(make("call"), recover="go_on"),
    )

    def always(self):
        Inner.run(end="done")
        return True

    def skipped(self): ...

    def call(self):
        Inner.run(end=self.inputs.end)

    def go_on(self, error):
        if isinstance(error, ServiceFailed):
            return self.done()
        raise error


class Notebook(Observer):
    """Writes down everything that it is told."""

    def __init__(self):
        self.lines = []
        self.runs = []
        self.steps = []

    def run_started(self, run):
        self.lines.append(f"{run.depth} {run.trail} started {run.outcome}")

    def run_ended(self, run):
        self.runs.append(run)
        self.lines.append(f"{run.depth} {run.trail} {run.outcome}")

    def step_started(self, step):
        self.lines.append(f"{step.trail} started {step.outcome}")

    def step_ended(self, step):
        self.steps.append(step)
        self.lines.append(f"{step.trail} {step.outcome}")

    def step_skipped(self, step):
        self.lines.append(f"{step.trail} skipped by {step.skipped_by}")


class Broken(Observer):
    def run_started(self, run):
        raise KeyError("observer")

    step_started = step_ended = step_skipped = run_ended = run_started


def test_an_observer_is_told_of_each_run_and_step_in_order():
    """Start, end and skip, of services inside services too, with the way to each."""
    book = Notebook()
    with observe(book):
        Outer.run()
    assert book.lines == [
        "0 Outer started None",
        "1 Outer > Inner started None",
        "Outer > Inner > work started None",
        "Outer > Inner > work done",
        "1 Outer > Inner done",
        "Outer > skipped skipped by always",
        "Outer > call started None",
        "1 Outer > call > Inner started None",
        "Outer > call > Inner > work started None",
        "Outer > call > Inner > work done",
        "Outer > call > Inner > rest skipped by is_long",
        "1 Outer > call > Inner done",
        "Outer > call done",
        "0 Outer done",
    ]


@pytest.mark.parametrize(
    ("end", "outcome", "error"),
    [
        ("", "done", type(None)),
        ("done", "done", type(None)),
        ("fail", "failed", ServiceFailed),
        ("break", "error", ZeroDivisionError),
    ],
)
def test_outcome_error_and_duration_are_told_of_run_and_step(end, outcome, error):
    """A declared failure is not an error, and early success is neither."""
    book = Notebook()
    with observe(book), suppress(ServiceFailed, ZeroDivisionError):
        Inner.run(end=end)
    (run,), (step,) = book.runs, book.steps
    assert run.error is step.error
    assert run.outcome == step.outcome == outcome
    assert type(run.error) is type(step.error) is error
    assert run.duration_s >= step.duration_s >= 0
    assert run.ended_early is step.ends_run is (end == "done")
    assert run.definition.inputs is Inner.inputs


def test_a_recovered_step_has_failed_and_its_run_is_done():
    """The step is told as it was, the run as it ended: here early, by recover."""
    book = Notebook()
    with observe(book):
        Outer.run(end="fail")
    assert book.steps[-1].outcome == "failed"
    assert book.runs[-1].outcome == "done"
    assert book.runs[-1].ended_early
    assert book.runs[-1].error is None


class Staged(Service):
    class inputs(Inputs):
        fail_at: str = ""

    steps = (
        stage(make("a"), stage(make("b"), recover="fix"), within="transaction"),
        stage(make("c"), only_if="never"),
    )

    @contextmanager
    def transaction(self):
        yield
        self.fail_at("commit")

    def fail_at(self, name):
        if self.inputs.fail_at == name:
            raise LookupError(name)

    def a(self):
        self.fail_at("a")

    def b(self):
        self.fail_at("b")

    def c(self): ...

    def fix(self, _error): ...

    def never(self):
        return False


@pytest.mark.parametrize(
    ("fail_at", "told"),
    [
        ("", ["Staged > stage ('b',) done", "Staged > transaction ('a', 'b') done"]),
        ("b", ["Staged > stage ('b',) done", "Staged > transaction ('a', 'b') done"]),
        ("a", ["Staged > transaction ('a', 'b') error"]),
        (
            "commit",
            [
                "Staged > stage ('b',) done",
                "Staged > transaction ('a', 'b') error",
            ],
        ),
    ],
)
def test_a_stage_tells_how_it_ended_commit_and_recovery_with_it(fail_at, told):
    """It ends after its steps; one that was recovered is done, a skipped one silent."""
    begun, ended = [], []

    class Stages(Observer):
        def stage_started(self, stage):
            assert stage.outcome is stage.duration_s is None
            begun.append(stage)

        def stage_ended(self, stage):
            assert stage.duration_s >= 0
            assert (stage.error is None) is (stage.outcome == "done")
            ended.append(f"{stage.trail} {stage.steps} {stage.outcome}")

    with observe(Stages()), suppress(LookupError):
        Staged.run(fail_at=fail_at)
    assert ended == told
    assert [stage.within for stage in begun] == ["transaction", None][: len(told)]


def test_an_error_in_a_condition_belongs_to_its_step():
    """A step that never began is told as started and broken all the same."""
    book = Notebook()
    with observe(book), pytest.raises(LookupError):
        Inner.run(end="condition")
    assert book.lines[-3:] == [
        "Inner > rest started None",
        "Inner > rest error",
        "0 Inner error",
    ]


def test_a_scope_sees_its_own_thread_and_ends():
    """`observe` ends with its block, and another thread is not part of it."""
    book = Notebook()
    with observe(book):
        thread = threading.Thread(target=Inner.run)
        thread.start()
        thread.join()
    Inner.run()
    assert book.lines == []
    assert SEAM.in_use == 0


def test_an_observer_of_the_process_sees_every_thread():
    """`add_observer` lasts until `remove_observer`, in all threads."""
    book = Notebook()
    add_observer(book)
    try:
        thread = threading.Thread(target=Inner.run)
        thread.start()
        thread.join()
    finally:
        remove_observer(book)
    Inner.run()
    assert [run.definition.name for run in book.runs] == ["Inner"]
    assert SEAM.in_use == 0


def test_an_observer_that_was_not_added_cannot_be_removed():
    """A mistake in setting up is told, not passed over."""
    with pytest.raises(ValueError, match="was not added, so it cannot be removed"):
        remove_observer(Notebook())


def test_an_observer_that_breaks_does_not_break_the_run(caplog):
    """Its error is logged, with traceback, and the next observer is told as well."""
    book = Notebook()
    with observe(Broken()), observe(book):
        assert Inner.run().value == 1
    assert len(book.runs) == 1
    record = caplog.records[0]
    assert (record.name, record.levelname) == ("services.observers", "ERROR")
    assert record.getMessage().endswith(
        "raised an error in run_started. The run went on."
    )
    assert record.exc_info[0] is KeyError
    assert len(caplog.records) == 5


def test_what_leaves_an_observed_run_is_what_leaves_any_run():
    """Type, notes and outputs do not depend on who looks."""
    with pytest.raises(ZeroDivisionError) as plain:
        Inner.run(end="break")
    with observe(Notebook()), pytest.raises(ZeroDivisionError) as observed:
        Inner.run(end="break")
    assert plain.value.__notes__ == observed.value.__notes__


@pytest.mark.parametrize(
    ("end", "level", "message"),
    [
        ("", "INFO", "Inner done in 0.0"),
        ("fail", "WARNING", "Inner failed in 0.0"),
        ("break", "ERROR", "Inner broke in 0.0"),
    ],
)
def test_the_log_tells_each_run(caplog, end, level, message):
    """Level, sentence and extras follow from the outcome; secrets are masked."""
    looking = caplog.at_level(logging.INFO, "services"), observe(LoggingObserver())
    with looking[0], looking[1], suppress(ServiceFailed, ZeroDivisionError):
        Inner.run(end=end)
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("services", level)
    assert record.getMessage().startswith(message)
    assert record.service == record.trail == "Inner"
    assert record.duration_s >= 0
    assert record.inputs == f"password=***, end={end!r}"
    assert getattr(record, "code", None) == ("no" if end == "fail" else None)


def test_the_log_tells_steps_at_debug(caplog):
    """Ended and skipped steps are there for who wants them."""
    with caplog.at_level(logging.DEBUG, "services"), observe(LoggingObserver()):
        Inner.run()
    steps = [each for each in caplog.records if each.levelno == logging.DEBUG]
    told = [(each.step, each.outcome) for each in steps]
    assert told == [("work", "done"), ("rest", "skipped")]


def test_the_log_tells_stages_at_debug(caplog):
    """What is around steps ends with a record of its own, so a commit is seen."""
    looking = caplog.at_level(logging.DEBUG, "services"), observe(LoggingObserver())
    with looking[0], looking[1], suppress(LookupError):
        Staged.run(fail_at="commit")
    records = [each for each in caplog.records if hasattr(each, "stage")]
    assert [(each.stage, each.trail, each.outcome) for each in records] == [
        ("transaction", "Staged > transaction", "error")
    ]
    assert "(LookupError)" in records[0].getMessage()


def test_a_scope_is_of_its_task():
    """Tasks that take turns see their own runs, with the threads that they start."""

    async def look(end: str) -> list[str]:
        book = Notebook()
        with observe(book):
            await asyncio.sleep(0)
            Inner.run(end=end)
            await asyncio.sleep(0)
            await asyncio.to_thread(Inner.run, end=end)
        return [run.inputs.end for run in book.runs]

    async def both() -> list[list[str]]:
        return await asyncio.gather(look("x"), look("y"))

    assert asyncio.run(both()) == [["x", "x"], ["y", "y"]]
