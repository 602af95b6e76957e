"""A run held between its steps, for tests of one step alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from services.attributes import finish, unset_names
from services.errors import MissingOutputs, UnknownStep
from services.execution import checked_marker
from services.steps import Step
from services.wording import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        self._decided: dict[Node, bool] = {}
        self.is_done = False
        self.inputs = cast("I_co", service.inputs)
        self.internals = cast("N_co", service.internals)
        self.outputs = cast("O_co", service.outputs)

    def do(self, name: str) -> None:
        """
        Run one step, whatever its condition, wherever it stands.

        :raises UnknownStep: if the service does not have it.
        :raises UnexpectedReturn: if it returned anything but ``self.done()``.
        """
        self._position = self._index(name) + 1
        self._ran.append(name)
        outcome = getattr(self._service, name)()
        self.is_done = outcome is not None
        if self.is_done:
            checked_marker(outcome, self._service, name)

    def until(self, name: str) -> None:
        """
        Run the steps from here up to a step, without it, where their conditions hold.

        :raises UnknownStep: if the service does not have it.
        """
        self._run_until(self._index(name))

    def finish(self) -> O_co:
        """
        Run the steps that are left, and give the finished outputs.

        :raises MissingOutputs: if an output is still unset.
        """
        self._run_until(len(self._definition.steps))
        outputs: Any = self._service.outputs
        unset = unset_names(outputs)
        if unset:
            raise MissingOutputs(self._definition.name, unset, self._ran)
        finish(outputs)
        return self.outputs

    def _run_until(self, end: int) -> None:
        for index, (step, guards) in enumerate(_guarded(self._definition.flow)):
            if self._position <= index < end and not self.is_done:
                if all(map(self._holds, guards)):
                    self.do(step.name)
                self._position = index + 1

    def _holds(self, node: Node) -> bool:
        """Tell whether a node runs; a stage is asked once, when it is reached."""
        if node not in self._decided:
            name = node.only_if or node.only_unless
            wanted = node.only_unless is None
            self._decided[node] = (
                name is None or bool(getattr(self._service, name)()) is wanted
            )
        return self._decided[node]

    def _index(self, name: str) -> int:
        names = [step.name for step in self._definition.steps]
        if name not in names:
            remedy = did_you_mean(name, names) or f" It has {', '.join(names)}."
            raise UnknownStep(self._definition.name, name, remedy)
        return names.index(name)


def _guarded(
    nodes: tuple[Node, ...], guards: tuple[Node, ...] = ()
) -> Iterator[tuple[Step, tuple[Node, ...]]]:
    """Give each step with the nodes whose conditions decide whether it runs."""
    for node in nodes:
        if isinstance(node, Step):
            yield node, (*guards, node)
        else:
            yield from _guarded(node.nodes, (*guards, node))
