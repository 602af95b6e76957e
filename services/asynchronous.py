"""
One run in an event loop: the twin of ``execution``, and built on it.

What is async is awaited. Everything between, a transactional stage above all, is walked
by the same code as in a sync run, as one piece and in one thread.
"""

from __future__ import annotations

import asyncio
from functools import partial
from inspect import iscoroutinefunction
from itertools import groupby
from threading import Event
from typing import TYPE_CHECKING, Any

from attrs import evolve

from services.drafts import finish
from services.execution import (
    Compensating,
    PlannedStage,
    PlannedStep,
    Recovering,
    Run,
)
from services.threads import in_thread
from services.trail import tell_where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.definition import Definition
    from services.execution import Done, Plan
    from services.service import Service


async def aexecute(service: Service, definition: Definition, plan: Plan) -> Any:
    """Run as ``execute`` does, and await what is async."""
    run = AsyncRun(service)
    try:
        await run.awalk(plan, ends_run=True)
        finish(service.outputs)
    except BaseException as error:
        try:
            await run.acompensate(error)
        finally:
            tell_where(error, service, definition, run.at)
        raise
    return service.outputs


async def acall(method: Any, *args: Any) -> Any:
    """Call a method of a service where it belongs: in the event loop or the thread."""
    if iscoroutinefunction(method):
        return await method(*args)
    return await in_thread(partial(method, *args))


class AsyncRun(Run):
    """The state of one run in an event loop."""

    __slots__ = ()

    async def awalk(self, plan: Plan, *, ends_run: bool) -> Done | None:
        """Do what ``walk`` does."""
        outcome = None
        for nodes in _pieces(plan):
            node, is_last = nodes[0], ends_run and nodes[-1] is plan[-1]
            if not node.is_async:
                outcome = await self._walk_in_thread(nodes, ends_run=is_last)
            elif isinstance(node, PlannedStep):
                outcome = await self._await_step(node)
            elif await self._holds(node):
                outcome = await self._await_stage(node, ends_run=is_last)
            if outcome is not None:
                break
        if ends_run or outcome is not None:
            self.require_a_proper_end(outcome)
        return outcome

    async def _walk_in_thread(self, plan: Plan, *, ends_run: bool) -> Done | None:
        cancelled = Event()
        walk = partial(self.walk, _stopping(plan, cancelled), ends_run=ends_run)
        outcome: Done | None = await in_thread(walk, cancelled.set)
        return outcome

    async def _holds(self, node: PlannedStep | PlannedStage) -> bool:
        if node.condition is None:
            return True
        is_met = bool(await node.condition(self.service)) is node.wanted
        self.refuse_lost_end()
        return is_met

    async def _await_step(self, step: PlannedStep) -> Done | None:
        try:
            if not await self._holds(step):
                return None
            returned = await step.call(self.service)
            self.ended.append(step.name)
            if returned is not None:
                return self.checked(returned, step.name)
            self.refuse_lost_end(step.name)
            return None  # noqa: TRY300 - not in an else, far from what it goes with
        except BaseException:
            if self.at is None:
                self.at = step.name
            raise

    async def _await_stage(self, stage: PlannedStage, *, ends_run: bool) -> Done | None:
        begun, pending = len(self.ended), len(self.to_compensate)
        failure: BaseException | None = None
        try:
            async with stage.within(self.service):
                try:
                    self.refuse_lost_end()
                    outcome = await self.awalk(stage.plan, ends_run=ends_run)
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
            await self.acompensate(error, pending)
            with Recovering(self, stage, error):
                returned = await acall(getattr(self.service, stage.recover), error)
            return None if returned is None else self.checked(returned, stage.recover)
        self.remember(stage, begun)
        return outcome

    async def acompensate(self, error: BaseException, down_to: int = 0) -> None:
        """Do what ``compensate`` does, unless nothing may be awaited any more."""
        if isinstance(error, GeneratorExit):  # the coroutine is being closed
            return
        undoing = Compensating(error)
        while len(self.to_compensate) > down_to:
            stage = self.to_compensate.pop()
            with undoing.of(stage) as name:
                await acall(getattr(self.service, name), error)
        undoing.end()


def _pieces(plan: Plan) -> Iterator[Plan]:
    """Cut a plan: what is sync stays together, each async node stands alone."""
    for is_async, nodes in groupby(plan, key=lambda node: node.is_async):
        if is_async:
            for node in nodes:
                yield (node,)
        else:
            yield tuple(nodes)


def _stopping(plan: Plan, cancelled: Event) -> Plan:
    """Give a plan that ends, as if it had raised, before the next step."""

    def stopping(node: PlannedStep | PlannedStage) -> PlannedStep | PlannedStage:
        if isinstance(node, PlannedStage):
            return evolve(node, plan=_stopping(node.plan, cancelled))

        def call(service: Service) -> Any:
            if cancelled.is_set():
                raise asyncio.CancelledError
            return node.call(service)

        return evolve(node, call=call)

    return tuple(map(stopping, plan))
