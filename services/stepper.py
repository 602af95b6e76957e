"""A run held between its steps, for tests of one step alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from services.asynchronous import acall
from services.attributes import shown_lines
from services.definition import LAYERS
from services.drafts import finish, unset_names
from services.errors import (
    DoneNotReturned,
    MissingOutputs,
    MustBeAwaited,
    UnknownStep,
)
from services.execution import SAID_DONE, checked_marker
from services.steps import Step
from services.trail import TellingRemedy
from services.wording import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.service import Service
    from services.steps import Node

I_co = TypeVar("I_co", covariant=True)
N_co = TypeVar("N_co", covariant=True)
O_co = TypeVar("O_co", covariant=True)


class Stepper(Generic[I_co, N_co, O_co]):
    """
    A run of a service whose steps the caller takes one by one.

    Steps are run bare: a stage's ``within``, ``recover`` and ``compensate`` are left
    out, so a step that needs a transaction gets it from the test. What a step raises
    arrives as it is.

    :ivar inputs: the inputs of the run.
    :ivar internals: its internals, to read and to set.
    :ivar outputs: its outputs, to read and to set.
    :ivar is_done: whether a step ended the run early, by ``done``.

    .. versionadded:: 0.1
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._definition = type(service).definition
        self._position = 0
        self._ran: list[str] = []
        self._within: str | None = None
        self._decided: dict[Node, bool] = {}
        self.is_done = False
        self.inputs = cast("I_co", service.inputs)
        self.internals = cast("N_co", service.internals)
        self.outputs = cast("O_co", service.outputs)

    def __str__(self) -> str:
        """Show what was done, and every value, sensitive ones masked."""
        lines = [
            line
            for layer in LAYERS
            for line in shown_lines(layer, getattr(self._service, layer))
        ]
        return "\n  ".join([f"{self._definition.name}: {self._progress()}", *lines])

    def _progress(self) -> str:
        ended = [*self._ran]
        stopped = f"stopped in {ended.pop()}" if self._within is not None else ""
        did = f"did {', '.join(ended)}" if ended else ""
        steps = self._definition.steps[self._position :]
        if not stopped and steps and not self.is_done:
            name = steps[0].name
            stopped = f"next is {name} ({self._definition.place_of(name)})"
        return "; ".join(filter(None, [did, stopped])) or "nothing to do"

    def do(self, name: str) -> None:
        """
        Run one step, whatever its condition, wherever it stands.

        :raises UnknownStep: if the service does not have it.
        :raises UnexpectedReturn: if it returned anything but ``self.done()``.
        :raises DoneNotReturned: if it called that, and did not return it.
        :raises MustBeAwaited: if it is async. :meth:`ado` does it, and any other.
        """
        self._begin(name)
        step = self._sync(name, "do")
        with TellingRemedy(self._service):
            self._end(name, step())

    async def ado(self, name: str) -> None:
        """Do a step as :meth:`do` does, in an event loop; a sync one in the thread."""
        self._begin(name)
        with TellingRemedy(self._service):
            self._end(name, await acall(getattr(self._service, name)))

    def until(self, name: str) -> None:
        """
        Run the steps from here up to a step, without it, where their conditions hold.

        :raises UnknownStep: if the service does not have it.
        """
        self._run_until(self._index(name))

    async def auntil(self, name: str) -> None:
        """Run steps as :meth:`until` does, in an event loop."""
        await self._arun_until(self._index(name))

    def finish(self) -> O_co:
        """
        Run the steps that are left, and give the finished outputs.

        :raises MissingOutputs: if an output is still unset.
        """
        self._run_until(len(self._definition.steps))
        return self._finished()

    async def afinish(self) -> O_co:
        """Run the steps that are left as :meth:`finish` does, in an event loop."""
        await self._arun_until(len(self._definition.steps))
        return self._finished()

    def _finished(self) -> O_co:
        outputs: Any = self._service.outputs
        unset = unset_names(outputs)
        if unset:
            raise MissingOutputs(self._definition.name, unset, self._ran)
        finish(outputs)
        return self.outputs

    def _run_until(self, end: int) -> None:
        for step, guards in self._ahead(end):
            for node in self._open(guards):
                condition = self._sync(_condition_of(node), "until")
                with TellingRemedy(self._service):
                    self._decided[node] = _is_met(node, condition())
            if all(self._decided.get(node, True) for node in guards):
                self.do(step.name)

    async def _arun_until(self, end: int) -> None:
        for step, guards in self._ahead(end):
            for node in self._open(guards):
                condition = getattr(self._service, _condition_of(node))
                with TellingRemedy(self._service):
                    self._decided[node] = _is_met(node, await acall(condition))
            if all(self._decided.get(node, True) for node in guards):
                await self.ado(step.name)

    def _ahead(self, end: int) -> Iterator[tuple[Step, tuple[Node, ...]]]:
        """Give the steps up to a place, as long as none has ended the run."""
        for index, (step, guards) in enumerate(_guarded(self._definition.flow)):
            if self._position <= index < end and not self.is_done:
                yield step, guards
                self._position = index + 1

    def _open(self, guards: tuple[Node, ...]) -> Iterator[Node]:
        """Give the nodes to be asked; a stage is asked once, when it is reached."""
        for node in guards:
            if _condition_of(node) and node not in self._decided:
                yield node
            if not self._decided.get(node, True):
                return

    def _begin(self, name: str) -> None:
        self._position = self._index(name) + 1
        self._ran.append(name)
        self._within = name

    def _end(self, name: str, outcome: object) -> None:
        self._within = None
        if outcome is not None:
            checked_marker(outcome, self._service, name)
            self.is_done = True
        elif SAID_DONE in vars(self._service):
            raise DoneNotReturned(self._definition.name, name)

    def _sync(self, name: str, verb: str) -> Callable[[], object]:
        if name in self._definition.awaited:
            raise MustBeAwaited(self._definition.name, name, f"stepper.a{verb}")
        method: Callable[[], object] = getattr(self._service, name)
        return method

    def _index(self, name: str) -> int:
        names = [step.name for step in self._definition.steps]
        if name not in names:
            remedy = did_you_mean(name, names) or f" It has {', '.join(names)}."
            raise UnknownStep(self._definition.name, name, remedy)
        return names.index(name)


def _condition_of(node: Node) -> str:
    return node.only_if or node.only_unless or ""


def _is_met(node: Node, answer: object) -> bool:
    return bool(answer) is (node.only_unless is None)


def _guarded(
    nodes: tuple[Node, ...], guards: tuple[Node, ...] = ()
) -> Iterator[tuple[Step, tuple[Node, ...]]]:
    """Give each step with the nodes whose conditions decide whether it runs."""
    for node in nodes:
        if isinstance(node, Step):
            yield node, (*guards, node)
        else:
            yield from _guarded(node.nodes, (*guards, node))
