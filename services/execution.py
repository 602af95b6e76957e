"""
One run: the steps in order, stop at the first failure.

A service class is compiled once into a *plan* whose calls are C functions
(``methodcaller``); a run walks it. Early success travels upwards as a returned marker,
so that every context manager on its way ends normally; a failure travels as an
exception.
"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import frozen

from services.drafts import finish, unset_names
from services.errors import DoneNotReturned, MissingOutputs, UnexpectedReturn
from services.steps import Node, Step, methods_in
from services.threads import in_thread
from services.trail import tell_where

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from services.definition import Definition
    from services.service import Service


class Done:
    """The type of the marker by which a step ends a run early and with success."""

    __slots__ = ()


DONE: Final = Done()

SAID_DONE: Final = "_said_done"
"""What a service remembers of having made the marker, so that it is not lost."""


@frozen(kw_only=True)
class PlannedStep:
    """
    A step, ready to be called with the service.

    :ivar is_async: whether ``call`` and ``condition`` give something to be awaited.
    """

    name: str
    condition: Callable[[Service], Any] | None
    condition_name: str | None
    wanted: bool
    call: Callable[[Service], Any]
    is_async: bool = False


@frozen(kw_only=True)
class PlannedStage:
    """
    A stage, ready to be run.

    :ivar is_async: whether ``condition`` gives something to be awaited, and ``within``
        an async context manager.
    :ivar tell: is called with ``recover`` or ``compensate`` once that was done.
    """

    condition: Callable[[Service], Any] | None
    condition_name: str | None
    wanted: bool
    plan: Plan
    within: Callable[[Service], Any]
    within_name: str | None
    recover: str | None
    compensate: str | None
    is_async: bool = False
    tell: Callable[[str], object] = lambda _: None


Plan = tuple[PlannedStep | PlannedStage, ...]


def compile_plan(flow: tuple[Node, ...], awaited: Collection[str]) -> Plan:
    """
    Compile a checked flow into what a run walks.

    :param awaited: the names of the methods that are async.
    """
    return tuple(_compile(node, awaited) for node in flow)


def _compile(node: Node, awaited: Collection[str]) -> PlannedStep | PlannedStage:
    is_async = any(name in awaited for _, name in methods_in((node,)))

    def caller(name: str) -> Callable[[Service], Any]:
        call = methodcaller(name)
        if not is_async or name in awaited:
            return call
        return lambda service: in_thread(partial(call, service))

    name = node.only_if or node.only_unless
    condition = caller(name) if name else None
    wanted = node.only_unless is None
    if isinstance(node, Step):
        return PlannedStep(
            name=node.name,
            condition=condition,
            condition_name=name,
            wanted=wanted,
            call=caller(node.name),
            is_async=is_async,
        )
    return PlannedStage(
        condition=condition,
        condition_name=name,
        wanted=wanted,
        plan=compile_plan(node.nodes, awaited),
        within=methodcaller(node.within) if node.within else lambda _: nullcontext(),
        within_name=node.within,
        recover=node.recover,
        compensate=node.compensate,
        is_async=is_async,
    )


def checked_marker(outcome: object, service: Service, name: str) -> Done:
    """Give what a method returned if it is the marker, all that it may return."""
    if not isinstance(outcome, Done):
        raise UnexpectedReturn(type(service).definition.name, name, outcome)
    return outcome


class Run:
    """The state of one run that its steps do not see."""

    __slots__ = ("at", "ended", "service", "to_compensate")

    def __init__(self, service: Service) -> None:
        self.service = service
        self.ended: list[str] = []
        """The names of the steps that ran, in order."""
        self.at: str | None = None
        """The step, or the context manager of a stage, that failed."""
        self.to_compensate: list[PlannedStage] = []

    def walk(self, plan: Plan, *, ends_run: bool) -> Done | None:
        """
        Run a plan; give DONE if one of its steps ended the run early.

        Where the run is over is known inside of the stages that are still open, and
        there the outputs must be complete: outside it would be too late to roll back.
        """
        service, ended = self.service, self.ended
        own = service.__dict__
        node = outcome = None
        try:
            for node in plan:
                if node.condition is not None and not self.is_met(node.condition, node):
                    continue
                if type(node) is PlannedStep:
                    returned = node.call(service)
                    ended.append(node.name)
                    if returned is not None:
                        outcome = self.checked(returned, node.name)
                        break
                    if SAID_DONE in own:
                        self.refuse_lost_end(node.name)
                else:
                    is_last = ends_run and node is plan[-1]
                    outcome = self._walk_stage(node, ends_run=is_last)  # type: ignore[arg-type]
                    if outcome is not None:
                        break
        except BaseException:
            if self.at is None and isinstance(node, PlannedStep):
                self.at = node.name
            raise
        if ends_run or outcome is not None:
            self.require_a_proper_end(outcome)
        return outcome

    def is_met(
        self, condition: Callable[[Service], Any], node: PlannedStep | PlannedStage
    ) -> bool:
        """Tell whether the condition of a node lets it run."""
        service = self.service
        is_met = bool(condition(service)) is node.wanted
        if SAID_DONE in service.__dict__:
            self.refuse_lost_end()
        return is_met

    def require_a_proper_end(self, outcome: Done | None) -> None:
        """Raise if a run that is over is not complete."""
        service = self.service
        if outcome is None and SAID_DONE in service.__dict__:
            self.refuse_lost_end()
        unset = unset_names(service.outputs)
        if unset:
            raise MissingOutputs(type(service).definition.name, unset, self.ended)

    def refuse_lost_end(self, step: str | None = None) -> None:
        """Raise if ``self.done()`` was called, and the run goes on all the same."""
        if SAID_DONE in vars(self.service):
            raise DoneNotReturned(type(self.service).definition.name, step)

    def _walk_stage(self, stage: PlannedStage, *, ends_run: bool) -> Done | None:
        begun, pending = len(self.ended), len(self.to_compensate)
        failure: BaseException | None = None
        try:
            with stage.within(self.service):
                try:
                    self.refuse_lost_end()
                    outcome = self.walk(stage.plan, ends_run=ends_run)
                except BaseException as error:
                    failure = error
                    raise
            if failure is not None:  # within swallowed it; only recover may
                raise failure
        except BaseException as error:
            if failure is None:
                self.at = stage.within_name
            self.remember(stage, begun)
            if stage.recover is None or not isinstance(error, Exception):
                raise
            self.compensate(error, pending)
            with Recovering(self, stage, error):
                returned = getattr(self.service, stage.recover)(error)
            return None if returned is None else self.checked(returned, stage.recover)
        self.remember(stage, begun)
        return outcome

    def remember(self, stage: PlannedStage, begun: int) -> None:
        """Remember to compensate a stage if it has done something since it began."""
        if stage.compensate is not None and len(self.ended) > begun:
            self.to_compensate.append(stage)

    def checked(self, outcome: object, name: str) -> Done:
        """Give what a method of this run returned, if it may return it."""
        return checked_marker(outcome, self.service, name)

    def compensate(self, error: BaseException, down_to: int = 0) -> None:
        """Undo what stages did, the last one first, and note what cannot be undone."""
        undoing = Compensating(error)
        while len(self.to_compensate) > down_to:
            stage = self.to_compensate.pop()
            with undoing.of(stage) as name:
                getattr(self.service, name)(error)
        undoing.end()


class Recovering:
    """
    Know where a run is while ``recover`` looks at an error.

    Like all context managers that an error passes, a class: a generator's would write
    to the exception, and not every exception lets that happen.
    """

    def __init__(self, run: Run, stage: PlannedStage, error: Exception) -> None:
        self.run = run
        self.stage = stage
        self.error = error
        self.failed_at = run.at

    def __enter__(self) -> None:
        self.run.at = self.stage.recover
        # That a step ended the run early is no longer so.
        vars(self.run.service).pop(SAID_DONE, None)

    def __exit__(self, _: object, raised: BaseException | None, __: object) -> None:
        if raised is None:
            self.run.at = None
            self.stage.tell("recover")
        elif raised is self.error:  # not recovered: it comes from where it came from
            self.run.at = self.failed_at


class Compensating:
    """Let compensations fail: the first error is the one that leaves the run."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.stage: PlannedStage
        self.interruption: BaseException | None = None

    def of(self, stage: PlannedStage) -> Self:
        """Name the stage that is compensated next."""
        self.stage = stage
        return self

    def __enter__(self) -> str:
        return self.stage.compensate or ""

    def __exit__(self, _: object, second: BaseException | None, __: object) -> bool:
        if second is None:
            self.stage.tell("compensate")
            return False
        if isinstance(second, GeneratorExit):  # a coroutine that awaits no more
            return False
        name, told = self.stage.compensate, f"{type(second).__name__}: {second}"
        with suppress(Exception):  # it may take no notes
            self.error.add_note(f"  compensate={name!r} failed as well: {told}")
        if not isinstance(second, Exception):
            self.interruption = self.interruption or second
        return True

    def end(self) -> None:
        """Let an interruption go on its way, now that all is undone that can be."""
        if self.interruption is not None:
            raise self.interruption


def execute(service: Service, definition: Definition, plan: Plan) -> Any:
    """
    Run a service that holds its inputs and fresh drafts; give its finished outputs.

    What leaves it as an exception has kept its type, and carries notes that tell where
    it happened.
    """
    run = Run(service)
    try:
        run.walk(plan, ends_run=True)
        finish(service.outputs)
    except BaseException as error:
        try:
            run.compensate(error)
        finally:
            tell_where(error, service, definition, run.at)
        raise
    return service.outputs
