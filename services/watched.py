"""A run that is seen: it tells its observers what happens in it."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from attrs import evolve

from services.asynchronous import aexecute
from services.errors import ServiceFailed
from services.execution import SAID_DONE, Done, PlannedStage, PlannedStep, execute
from services.observers import (
    Observed,
    ObservedRun,
    ObservedStage,
    ObservedStep,
    Observer,
)
from services.seam import HERE, SEAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextvars import Token

    from services.definition import Definition
    from services.execution import Plan
    from services.service import Service

O = TypeVar("O", bound=Observed)  # noqa: E741 - observed

_logger: Final = logging.getLogger("services.observers")

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
    watched = _Watched(service, definition, observers)
    with watched.timed("run", watched.run):
        outputs = execute(service, definition, watched.plan(plan))
        watched.run.ended_early = SAID_DONE in vars(service)
        return outputs


async def arun_seen(service: Service, definition: Definition, plan: Plan) -> Any:
    """Do what ``run_seen`` does."""
    plan = SEAM.replaced.get(type(service), plan)
    observers = (*SEAM.everywhere, *HERE.get(()))
    if not observers:
        return await aexecute(service, definition, plan)
    watched = _Watched(service, definition, observers)
    with watched.timed("run", watched.run):
        outputs = await aexecute(service, definition, watched.plan(plan))
        watched.run.ended_early = SAID_DONE in vars(service)
        return outputs


class _Watched:
    """One run and those who look at it."""

    def __init__(
        self, service: Any, definition: Definition, observers: tuple[Observer, ...]
    ) -> None:
        around = _around.get()
        in_step = isinstance(around, ObservedStep)
        self.service = service
        self.observers = observers
        self.run = ObservedRun(
            definition=definition,
            inputs=service.inputs,
            internals=service.internals,
            outputs=service.outputs,
            parent=around.run if isinstance(around, ObservedStep) else around,
            step=around if in_step else None,  # type: ignore[arg-type]
        )

    def plan(self, plan: Plan) -> Plan:
        """Give a plan of which each part tells of itself; it is walked as any other."""
        return tuple(
            self._stage(node) if isinstance(node, PlannedStage) else self._step(node)
            for node in plan
        )

    def timed(self, kind: str, subject: O) -> _Timed[O]:
        return _Timed(self, kind, subject)

    def tell(self, event: str, subject: Observed) -> None:
        for observer in self.observers:
            try:
                getattr(observer, event)(subject)
            except Exception:
                _logger.exception(
                    "%r raised an error in %s. The run went on.", observer, event
                )

    def _step(self, node: PlannedStep) -> PlannedStep:
        def call(service: Service) -> object:
            with self._stepping(node) as step:
                returned = node.call(service)
                step.ends_run = isinstance(returned, Done)
                return returned

        async def acall(service: Service) -> object:
            with self._stepping(node) as step:
                returned = await node.call(service)
                step.ends_run = isinstance(returned, Done)
                return returned

        return evolve(
            node,
            call=acall if node.is_async else call,
            condition=self._condition(node),
        )

    def _stepping(self, node: PlannedStep) -> _Timed[ObservedStep]:
        return self.timed("step", ObservedStep(run=self.run, name=node.name))

    def _stage(self, node: PlannedStage) -> PlannedStage:
        """Put a stage into one that tells, and so sees how it was recovered."""
        stage = ObservedStage(
            run=self.run,
            within=node.within_name,
            steps=tuple(_steps_of(node)),
            recover=node.recover,
            compensate=node.compensate,
        )

        def within(_: Service) -> _Timed[ObservedStage]:
            return self.timed("stage", stage)

        plan = self.plan(node.plan)
        inner = evolve(node, plan=plan, condition=None, tell=stage.done.append)
        return evolve(
            node,
            plan=(inner,),
            condition=self._condition(node),
            within=within,
            within_name=None,
            recover=None,
            compensate=None,
        )

    def _condition(
        self, node: PlannedStep | PlannedStage
    ) -> Callable[[Service], object] | None:
        holds = node.condition
        if holds is None:
            return None

        def condition(service: Service) -> object:
            try:
                return self._judged(node, holds(service))
            except BaseException as error:
                self._tell_of(node, error)
                raise

        async def acondition(service: Service) -> object:
            try:
                return self._judged(node, await holds(service))
            except BaseException as error:
                self._tell_of(node, error)
                raise

        return acondition if node.is_async else condition

    def _tell_of(self, node: PlannedStep | PlannedStage, error: BaseException) -> None:
        """Tell of an error in the condition of a step as one of the step."""
        if isinstance(node, PlannedStep):
            timed = self._stepping(node)
            timed.__enter__()
            timed.__exit__(type(error), error, None)

    def _judged(self, node: PlannedStep | PlannedStage, answer: object) -> bool:
        met = bool(answer)
        if met is not node.wanted:
            for name in _steps_of(node):
                step = ObservedStep(
                    run=self.run, name=name, skipped_by=node.condition_name
                )
                self.tell("step_skipped", step)
        return met


class _Timed(Generic[O]):
    """
    A run, a stage or a step while it is under way: told at both ends, and timed.

    Services that are called within a run, or a step of it, know it as what is around.
    """

    def __init__(self, watched: _Watched, kind: str, subject: O) -> None:
        self.watched = watched
        self.kind = kind
        self.subject = subject
        self.begun = 0.0
        self.around: Token[ObservedRun | ObservedStep | None] | None = None

    def __enter__(self) -> O:
        self.watched.tell(f"{self.kind}_started", self.subject)
        if not isinstance(self.subject, ObservedStage):
            self.around = _around.set(self.subject)
        self.begun = perf_counter()
        return self.subject

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        subject = self.subject
        subject.duration_s = perf_counter() - self.begun
        if self.around is not None:
            _around.reset(self.around)
        subject.error = error
        subject.outcome = (
            "done"
            if error is None
            else "failed"
            if isinstance(error, ServiceFailed)
            else "error"
        )
        self.watched.tell(f"{self.kind}_ended", subject)

    async def __aenter__(self) -> O:
        return self.__enter__()

    async def __aexit__(
        self, kind: object, error: BaseException | None, place: object
    ) -> None:
        self.__exit__(kind, error, place)


def _steps_of(node: PlannedStep | PlannedStage) -> Iterator[str]:
    if isinstance(node, PlannedStep):
        yield node.name
    else:
        for each in node.plan:
            yield from _steps_of(each)
