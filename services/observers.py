"""
Seeing runs from outside: each run and step, its start, end and duration.

Tracing and logging are built on this module alone, and so can be what you need. While
nobody observes, a run pays one ``if``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define, field

from services.seam import HERE, SEAM
from services.wording import short

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from contextvars import Token

    from services.attributes import Inputs, Internals, Outputs
    from services.definition import Definition

Outcome = Literal["done", "failed", "error"]


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


@define(eq=False, kw_only=True)
class ObservedStage:
    """
    One stage of a run, as observers see it: its steps and what is around them.

    A stage that a condition skips is not told; its steps are.

    :ivar run: the run that it is part of.
    :ivar within: the method that gave its context manager, or None.
    :ivar steps: the names of its steps, those of stages inside it among them.
    :ivar recover: the method that is given an error of the stage, or None; likewise
        ``compensate``.
    :ivar done: ``recover`` and ``compensate``, as soon as they were done. What
        compensates may be so after the stage has ended.
    :ivar outcome: as of a run. A stage whose ``recover`` handled an error is done.
    :ivar duration_s: seconds from entering ``within`` to leaving it, and ``recover``.
    :ivar error: the exception that left it. If none of its steps has it, it was raised
        by ``within``, at the commit for example, or by ``recover``.

    .. versionadded:: 0.1
    """

    run: ObservedRun = field(repr=False)
    within: str | None
    steps: tuple[str, ...]
    recover: str | None = None
    compensate: str | None = None
    done: list[str] = field(factory=list)
    outcome: Outcome | None = None
    duration_s: float | None = None
    error: BaseException | None = None

    @property
    def trail(self) -> str:
        """``IssueInvoice > transaction``: the way to this stage."""
        return f"{self.run.trail} > {self.within or 'stage'}"


Observed = ObservedRun | ObservedStage | ObservedStep
"""Whatever observers are told of."""


class Observer:
    """
    Something that is told what happens in runs. Derive from it; override what you need.

    It is called between the steps of the run, in its thread, or in the event loop for
    what is async: what it takes, the run takes longer. What it raises does not disturb
    the run: it is logged with its traceback, as an error, by the logger
    ``services.observers``.

    .. versionadded:: 0.1
    """

    def run_started(self, run: ObservedRun) -> None:
        """Be told that the inputs were accepted, and the first step comes next."""

    def run_ended(self, run: ObservedRun) -> None:
        """Be told how a run has ended, whichever way that was."""

    def stage_started(self, stage: ObservedStage) -> None:
        """Be told that a stage comes next, and ``within`` is entered."""

    def stage_ended(self, stage: ObservedStage) -> None:
        """Be told how a stage has ended, after ``within`` was left."""

    def step_started(self, step: ObservedStep) -> None:
        """Be told that a step comes next."""

    def step_ended(self, step: ObservedStep) -> None:
        """Be told how a step has ended; also if its condition raised an error."""

    def step_skipped(self, step: ObservedStep) -> None:
        """Be told that a condition, of the step or its stage, did not let it run."""


def add_observer(observer: Observer) -> None:
    """
    Let an observer see all runs of this process from now on, in every thread.

    :raises TypeError: if it is no observer, but a class of them for example.

    .. versionadded:: 0.1
    """
    SEAM.add(_checked(observer))


def remove_observer(observer: Observer) -> None:
    """
    Let an observer go that :func:`add_observer` added.

    :raises ValueError: if it was not there.

    .. versionadded:: 0.1
    """
    if not SEAM.remove(observer):
        raise ValueError(f"{observer!r} was not added, so it cannot be removed.")


def observe(observer: Observer) -> AbstractContextManager[None]:
    """
    Let an observer see the runs of a ``with`` block: those of this thread or task.

    A thread that is started within it is not part of it, unless it is started with a
    copy of the context, as ``asyncio.to_thread`` does.

    :raises TypeError: if it is no observer, but a class of them for example.

    .. versionadded:: 0.1
    """
    return _Observing(_checked(observer))


class _Observing:
    """A ``with`` block that is looked at; errors pass it as they are."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self.tokens: list[Token[tuple[Observer, ...]]] = []

    def __enter__(self) -> None:
        self.tokens.append(HERE.set((*HERE.get(()), self.observer)))
        SEAM.enter()

    def __exit__(self, *_: object) -> None:
        SEAM.leave()
        HERE.reset(self.tokens.pop())


def _checked(observer: Observer) -> Observer:
    if not isinstance(observer, Observer):
        remedy = f"{observer.__name__}()" if isinstance(observer, type) else "one"
        msg = f"{short(observer)} is no Observer, so nobody would look. Pass {remedy}."
        raise TypeError(msg)
    return observer
