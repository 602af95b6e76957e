"""A run that is seen: it tells its observers what happens in it."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from services.asynchronous import aexecute
from services.errors import ServiceFailed
from services.execution import (
    SAID_DONE,
    PlannedStage,
    PlannedStep,
    checked_marker,
    execute,
)
from services.observers import (
    Observed,
    ObservedRun,
    ObservedStage,
    ObservedStep,
    Observer,
)
from services.seam import HERE, SEAM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from services.definition import Definition
    from services.execution import Plan
    from services.service import Service

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
    with watched.running():
        return execute(service, definition, watched.plan(plan))


async def arun_seen(service: Service, definition: Definition, plan: Plan) -> Any:
    """Do what ``run_seen`` does."""
    plan = SEAM.replaced.get(type(service), plan)
    observers = (*SEAM.everywhere, *HERE.get(()))
    if not observers:
        return await aexecute(service, definition, plan)
    watched = _Watched(service, definition, observers)
    with watched.running():
        return await aexecute(service, definition, watched.plan(plan))


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

    @contextmanager
    def running(self) -> Iterator[None]:
        with self._timed("run", self.run), _inside(self.run):
            yield
            self.run.ended_early = SAID_DONE in vars(self.service)

    def plan(self, plan: Plan) -> Plan:
        """Give a plan of which each part tells of itself; it is walked as any other."""
        return tuple(
            self._stage(node) if isinstance(node, PlannedStage) else self._step(node)
            for node in plan
        )

    @contextmanager
    def _timed(self, kind: str, subject: Observed) -> Iterator[None]:
        self._tell(f"{kind}_started", subject)
        begun = perf_counter()
        try:
            yield
            subject.outcome = "done"
        except BaseException as error:
            failed = isinstance(error, ServiceFailed)
            subject.outcome = "failed" if failed else "error"
            subject.error = error
            raise
        finally:
            subject.duration_s = perf_counter() - begun
            self._tell(f"{kind}_ended", subject)

    def _tell(self, event: str, subject: Observed) -> None:
        for observer in self.observers:
            try:
                getattr(observer, event)(subject)
            except Exception:
                _logger.exception(
                    "%r raised an error in %s. The run went on.", observer, event
                )

    def _step(self, node: PlannedStep) -> PlannedStep:
        def call(service: Service) -> object:
            with self._stepping(node.name) as step:
                return self._looked_at(step, node.call(service))

        async def acall(service: Service) -> object:
            with self._stepping(node.name) as step:
                return self._looked_at(step, await node.call(service))

        return evolve(
            node,
            call=acall if node.is_async else call,
            condition=self._condition(node),
        )

    @contextmanager
    def _stepping(self, name: str) -> Iterator[ObservedStep]:
        step = ObservedStep(run=self.run, name=name)
        with self._timed("step", step), _inside(step):
            yield step

    def _looked_at(self, step: ObservedStep, returned: object) -> object:
        if returned is not None:
            checked_marker(returned, self.service, step.name)
            step.ends_run = True
        return returned

    def _stage(self, node: PlannedStage) -> PlannedStage:
        """Put a stage into one that tells, and so sees how it was recovered."""

        @contextmanager
        def within(_: Service) -> Iterator[None]:
            stage = ObservedStage(
                run=self.run, within=node.within_name, steps=tuple(_steps_of(node))
            )
            with self._timed("stage", stage):
                yield

        @asynccontextmanager
        async def awithin(service: Service) -> AsyncIterator[None]:
            with within(service):
                yield

        inner = evolve(node, plan=self.plan(node.plan), condition=None)
        return evolve(
            node,
            plan=(inner,),
            condition=self._condition(node),
            within=awithin if node.is_async else within,
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
            with self._asking(node):
                return self._judged(node, holds(service))

        async def acondition(service: Service) -> object:
            with self._asking(node):
                return self._judged(node, await holds(service))

        return acondition if node.is_async else condition

    @contextmanager
    def _asking(self, node: PlannedStep | PlannedStage) -> Iterator[None]:
        """Tell of an error in the condition of a step as one of the step."""
        try:
            yield
        except BaseException:
            if isinstance(node, PlannedStep):
                with suppress(BaseException), self._stepping(node.name):
                    raise
            raise

    def _judged(self, node: PlannedStep | PlannedStage, answer: object) -> bool:
        met = bool(answer)
        if met is not node.wanted:
            for name in _steps_of(node):
                step = ObservedStep(
                    run=self.run, name=name, skipped_by=node.condition_name
                )
                self._tell("step_skipped", step)
        return met


@contextmanager
def _inside(subject: ObservedRun | ObservedStep) -> Iterator[None]:
    token = _around.set(subject)
    try:
        yield
    finally:
        _around.reset(token)


def _steps_of(node: PlannedStep | PlannedStage) -> Iterator[str]:
    if isinstance(node, PlannedStep):
        yield node.name
    else:
        for each in node.plan:
            yield from _steps_of(each)
