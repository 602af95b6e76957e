"""
Seeing runs from outside: each run and step, its start, end and duration.

Tracing and logging are built on this module alone, and so can be what you need. While
nobody observes, a run pays one ``if``.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import define, evolve, field

from services.errors import ServiceFailed
from services.execution import (
    SAID_DONE,
    PlannedStage,
    PlannedStep,
    checked_marker,
    execute,
)
from services.seam import HERE, SEAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.attributes import Inputs, Internals, Outputs
    from services.definition import Definition
    from services.execution import Plan
    from services.service import Service

Outcome = Literal["done", "failed", "error"]

_logger: Final = logging.getLogger("services.observers")


@define(eq=False, kw_only=True)
class ObservedRun:
    """
    One run of a service, as observers see it.

    The same object is given when the run starts and when it has ended. ``outcome``,
    ``duration_s`` and ``error`` are None until then.

    :ivar definition: of the service.
    :ivar inputs: what it was given. ``internals`` and ``outputs`` are the live objects:
        read them, and set nothing.
    :ivar parent: the observed run in which this one was called, or None.
    :ivar step: the step of the parent in which it was called; None outside of steps, in
        a condition for example.
    :ivar outcome: ``"done"``, ``"failed"`` (it called ``fail``) or ``"error"``.
    :ivar ended_early: whether a step ended the run by ``done``, which is a success.
    :ivar duration_s: seconds from the first step to the end of the last compensation.
    :ivar error: the exception that left the run, with its notes.

    .. versionadded:: 0.1
    """

    definition: Definition
    inputs: Inputs = field(repr=False)
    internals: Internals = field(repr=False)
    outputs: Outputs = field(repr=False)
    parent: ObservedRun | None = field(repr=False)
    step: ObservedStep | None = field(repr=False)
    outcome: Outcome | None = None
    ended_early: bool = False
    duration_s: float | None = None
    error: BaseException | None = None

    @property
    def depth(self) -> int:
        """0 for an outermost run, 1 for a run inside that one, and so on."""
        return 0 if self.parent is None else self.parent.depth + 1

    @property
    def trail(self) -> str:
        """``IssueInvoice > allocate_number > AllocateNumber``: the way to this run."""
        around = self.step or self.parent
        name = self.definition.name
        return name if around is None else f"{around.trail} > {name}"


@define(eq=False, kw_only=True)
class ObservedStep:
    """
    One step of a run, as observers see it.

    :ivar run: the run that it is part of.
    :ivar name: the step.
    :ivar skipped_by: the condition that did not let it run, or None.
    :ivar outcome: as of a run; None until it has ended, and if it was skipped.
    :ivar ends_run: whether it returned ``self.done()``.
    :ivar duration_s: seconds that it took, services that it ran included.
    :ivar error: the exception that left it; ``recover`` may still have handled it.

    .. versionadded:: 0.1
    """

    run: ObservedRun = field(repr=False)
    name: str
    skipped_by: str | None = None
    outcome: Outcome | None = None
    ends_run: bool = False
    duration_s: float | None = None
    error: BaseException | None = None

    @property
    def trail(self) -> str:
        """``IssueInvoice > allocate_number``: the way to this step."""
        return f"{self.run.trail} > {self.name}"


class Observer:
    """
    Something that is told of runs and steps. Derive from it; override what you need.

    It is called in the thread of the run, between its steps: what it takes, the run
    takes longer. What it raises does not disturb the run: it is logged with its
    traceback, as an error, by the logger ``services.observers``.

    .. versionadded:: 0.1
    """

    def run_started(self, run: ObservedRun) -> None:
        """Be told that the inputs were accepted, and the first step comes next."""

    def run_ended(self, run: ObservedRun) -> None:
        """Be told how a run has ended, whichever way that was."""

    def step_started(self, step: ObservedStep) -> None:
        """Be told that a step comes next."""

    def step_ended(self, step: ObservedStep) -> None:
        """Be told how a step has ended; also if its condition raised an error."""

    def step_skipped(self, step: ObservedStep) -> None:
        """Be told that a condition, of the step or its stage, did not let it run."""


def add_observer(observer: Observer) -> None:
    """
    Let an observer see all runs of this process from now on, in every thread.

    .. versionadded:: 0.1
    """
    SEAM.add(observer)


def remove_observer(observer: Observer) -> None:
    """
    Let an observer go that :func:`add_observer` added.

    :raises ValueError: if it was not there.

    .. versionadded:: 0.1
    """
    if not SEAM.remove(observer):
        raise ValueError(f"{observer!r} was not added, so it cannot be removed.")


@contextmanager
def observe(observer: Observer) -> Iterator[None]:
    """
    Let an observer see the runs of a ``with`` block: those of this thread or task.

    A thread that is started within it is not part of it, unless it is started with a
    copy of the context, as ``asyncio.to_thread`` does.

    .. versionadded:: 0.1
    """
    token = HERE.set((*HERE.get(()), observer))
    SEAM.enter()
    try:
        yield
    finally:
        SEAM.leave()
        HERE.reset(token)


# --- The observed run ---------------------------------------------------------------

_around: Final[ContextVar[ObservedRun | ObservedStep | None]] = ContextVar(
    "services.around", default=None
)
"""The run, or its step, inside which other services would run."""


def run_seen(service: Service, definition: Definition, plan: Plan) -> Any:
    """Run as ``execute`` does, and tell those who look, if somebody looks here."""
    plan = SEAM.replaced.get(type(service), plan)
    observers = (*SEAM.everywhere, *HERE.get(()))
    if not observers:
        return execute(service, definition, plan)
    return _Watched(service, definition, observers).run_all(plan)


class _Watched:
    """One run and those who look at it."""

    def __init__(
        self, service: Any, definition: Definition, observers: tuple[Observer, ...]
    ) -> None:
        around = _around.get()
        in_step = isinstance(around, ObservedStep)
        self.service = service
        self.definition = definition
        self.observers = observers
        self.run = ObservedRun(
            definition=definition,
            inputs=service.inputs,
            internals=service.internals,
            outputs=service.outputs,
            parent=around.run if isinstance(around, ObservedStep) else around,
            step=around if in_step else None,  # type: ignore[arg-type]
        )

    def tell(self, event: str, subject: ObservedRun | ObservedStep) -> None:
        for observer in self.observers:
            try:
                getattr(observer, event)(subject)
            except Exception:
                _logger.exception(
                    "%r raised an error in %s. The run went on.", observer, event
                )

    def run_all(self, plan: Plan) -> Any:
        def walk() -> Any:
            outputs = execute(self.service, self.definition, self._watched(plan))
            self.run.ended_early = SAID_DONE in vars(self.service)
            return outputs

        self.tell("run_started", self.run)
        return self._timed(self.run, "run_ended", walk)

    def run_step(self, name: str, call: Callable[[], object]) -> object:
        step = ObservedStep(run=self.run, name=name)

        def checked() -> object:
            returned = call()
            if returned is not None:
                checked_marker(returned, self.service, name)
                step.ends_run = True
            return returned

        self.tell("step_started", step)
        return self._timed(step, "step_ended", checked)

    def _timed(
        self,
        subject: ObservedRun | ObservedStep,
        event: str,
        call: Callable[[], object],
    ) -> object:
        token = _around.set(subject)
        begun = perf_counter()
        try:
            result = call()
            subject.outcome = "done"
        except BaseException as error:
            failed = isinstance(error, ServiceFailed)
            subject.outcome = "failed" if failed else "error"
            subject.error = error
            raise
        finally:
            subject.duration_s = perf_counter() - begun
            _around.reset(token)
            self.tell(event, subject)
        return result

    def _watched(self, plan: Plan) -> Plan:
        """Give a plan of which each step tells of itself; it is walked as any other."""
        return tuple(
            self._watched_stage(node)
            if isinstance(node, PlannedStage)
            else self._watched_step(node)
            for node in plan
        )

    def _watched_step(self, node: PlannedStep) -> PlannedStep:
        def call(service: Service) -> object:
            return self.run_step(node.name, lambda: node.call(service))

        return evolve(node, call=call, condition=self._watched_condition(node))

    def _watched_stage(self, node: PlannedStage) -> PlannedStage:
        return evolve(
            node,
            plan=self._watched(node.plan),
            condition=self._watched_condition(node),
        )

    def _watched_condition(
        self, node: PlannedStep | PlannedStage
    ) -> Callable[[Service], object] | None:
        holds = node.condition
        if holds is None:
            return None

        def condition(service: Service) -> object:
            try:
                met = bool(holds(service))
            except BaseException as error:
                if isinstance(node, PlannedStep):
                    self._fail_in_condition(node.name, error)
                raise
            if met is not node.wanted:
                for name in _steps_of(node):
                    step = ObservedStep(
                        run=self.run, name=name, skipped_by=node.condition_name
                    )
                    self.tell("step_skipped", step)
            return met

        return condition

    def _fail_in_condition(self, name: str, error: BaseException) -> None:
        failed = isinstance(error, ServiceFailed)
        step = ObservedStep(run=self.run, name=name)
        self.tell("step_started", step)
        step.outcome = "failed" if failed else "error"
        step.error, step.duration_s = error, 0.0
        self.tell("step_ended", step)


def _steps_of(node: PlannedStep | PlannedStage) -> Iterator[str]:
    if isinstance(node, PlannedStep):
        yield node.name
    else:
        for each in node.plan:
            yield from _steps_of(each)
