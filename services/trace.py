"""A run as a tree: each stage and step, how long it took, and what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from attrs import define, field, frozen

from services.attributes import shown_values
from services.fields import declared, fields_of
from services.observers import (
    Observed,
    ObservedRun,
    ObservedStage,
    ObservedStep,
    Observer,
    observe,
)
from services.wording import MASK, short

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

O_co = TypeVar("O_co", covariant=True)

_UNSET: Final = object()
_PAST: Final = {"recover": "recovered", "compensate": "compensated"}


@define(eq=False, kw_only=True)
class Twig:
    """
    A run, a stage or a step in the tree, and what happened inside it.

    Values are put into words when they are seen: later they may have changed.
    """

    subject: Observed
    words: str = ""
    inside: list[Twig] = field(factory=list)


@frozen(kw_only=True, eq=False)
class Trace(Generic[O_co]):
    """
    A run and everything that happened in it; ``print`` it to see the tree.

    :ivar error: the exception that ended the run, with its notes, or None.

    .. versionadded:: 0.1
    """

    error: Exception | None
    _outputs: Any
    _tree: Twig

    @property
    def outputs(self) -> O_co:
        """The finished outputs; of a run that failed, reading them raises its error."""
        if self.error is not None:
            raise self.error
        return cast("O_co", self._outputs)

    def __repr__(self) -> str:
        run = self._tree.subject
        assert isinstance(run, ObservedRun)  # noqa: S101 - a trace is of a run
        return f"<Trace of {run.definition.name}: {run.outcome}>"

    def __str__(self) -> str:
        rows = list(_rows(self._tree, 0))
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        return "\n".join(
            f"{label:<{widths[0]}}  {took:>{widths[1]}}  {told}".rstrip()
            for label, took, told in rows
        )


def _rows(twig: Twig, depth: int) -> Iterator[tuple[str, str, str]]:
    subject = twig.subject
    if _is_bare(twig):
        for inner in twig.inside:
            yield from _rows(inner, depth)
        return
    took = "" if subject.duration_s is None else f"{subject.duration_s * 1000:.1f} ms"
    yield f"{'  ' * depth}{_name(subject)}", took, "  ".join(_told(twig))
    for inner in twig.inside:
        yield from _rows(inner, depth + 1)


def _is_bare(twig: Twig) -> bool:
    """Tell whether it is a stage that was nothing but its steps."""
    stage = twig.subject
    if not isinstance(stage, ObservedStage) or stage.within or stage.done:
        return False
    return stage.error is None or _began_inside(twig)


def _began_inside(twig: Twig) -> bool:
    return any(inner.subject.error is twig.subject.error for inner in twig.inside)


def _name(subject: Observed) -> str:
    if isinstance(subject, ObservedRun):
        return subject.definition.name
    if isinstance(subject, ObservedStage):
        return f"within {subject.within}" if subject.within else "stage"
    return subject.name


def _told(twig: Twig) -> Iterator[str]:
    subject = twig.subject
    if isinstance(subject, ObservedStep):
        if subject.skipped_by is not None:
            yield f"skipped by {subject.skipped_by}"
        if subject.ends_run:
            yield "done"
    elif isinstance(subject, ObservedStage):
        for role in subject.done:
            yield f"{_PAST[role]} by {getattr(subject, role)}"
    if twig.words:
        yield twig.words
    if subject.error is not None:
        # Where it began it is told in full, further out only marked.
        kind = type(subject.error).__name__
        yield f"!! {kind if _began_inside(twig) else short_error(subject.error)}"


def short_error(error: BaseException) -> str:
    """Give type and text of an error, on one line, cut where it grows long."""
    lines = str(error).strip().splitlines()
    text = " ".join(line.strip() for line in lines)
    cut = text if len(text) <= 100 else f"{text[:100]}..."  # noqa: PLR2004
    return f"{type(error).__name__}: {cut}" if cut else type(error).__name__


class _Recorder(Observer):
    """Grows the tree of the first run that it sees."""

    def __init__(self) -> None:
        self.root: Twig | None = None
        self.twigs: dict[ObservedRun | ObservedStep, Twig] = {}
        self.stages: dict[ObservedRun, list[Twig]] = {}
        """The stages of a run that are open, the innermost last."""
        self.before: dict[ObservedStep, dict[tuple[str, str], object]] = {}

    def run_started(self, run: ObservedRun) -> None:
        twig = self.twigs[run] = Twig(
            subject=run, words=f"({shown_values(run.inputs)})"
        )
        around = run.step or run.parent
        if around in self.twigs:
            self.twigs[around].inside.append(twig)
        else:
            self.root = twig

    def stage_started(self, stage: ObservedStage) -> None:
        twig = self._grow(stage)
        self.stages.setdefault(stage.run, []).append(twig)

    def stage_ended(self, stage: ObservedStage) -> None:
        self.stages[stage.run].pop()

    def step_started(self, step: ObservedStep) -> None:
        self.twigs[step] = self._grow(step)
        self.before[step] = _values(step.run)

    def step_skipped(self, step: ObservedStep) -> None:
        self._grow(step)

    def step_ended(self, step: ObservedStep) -> None:
        before, after = self.before.pop(step), _values(step.run)
        changed = (
            _shown(step.run, layer, name)
            for (layer, name), value in after.items()
            if value is not before[layer, name] and value is not _UNSET
        )
        self.twigs[step].words = ", ".join(changed)

    def trace(
        self, *, outputs: Any = None, error: Exception | None = None
    ) -> Trace[Any]:
        if self.root is None and error is not None:
            raise error  # Nothing ran: a factory broke, say.
        assert self.root is not None  # noqa: S101 - a run tells of itself
        return Trace(error=error, outputs=outputs, tree=self.root)

    def _grow(self, part: ObservedStage | ObservedStep) -> Twig:
        open_stages = self.stages.get(part.run)
        around = open_stages[-1] if open_stages else self.twigs[part.run]
        twig = Twig(subject=part)
        around.inside.append(twig)
        return twig


def _values(run: ObservedRun) -> dict[tuple[str, str], object]:
    found: dict[tuple[str, str], object] = {}
    for layer in ("internals", "outputs"):
        values = getattr(run, layer)
        for name in fields_of(type(values)):
            try:
                found[layer, name] = object.__getattribute__(values, name)
            except AttributeError:
                found[layer, name] = _UNSET
    return found


def _shown(run: ObservedRun, layer: str, name: str) -> str:
    values = getattr(run, layer)
    kept = declared(fields_of(type(values))[name])
    shown = MASK if kept.sensitive else short(getattr(values, name))
    return f"{name}={shown}{' (output)' if layer == 'outputs' else ''}"


def traced(run: Callable[[], Any]) -> Trace[Any]:
    """Run something that runs a service, and give what happened."""
    recorder = _Recorder()
    with observe(recorder):
        try:
            return recorder.trace(outputs=run())
        except Exception as error:  # noqa: BLE001 - kept, and raised where it is read
            return recorder.trace(error=error)


async def atraced(run: Awaitable[Any]) -> Trace[Any]:
    """Do what ``traced`` does."""
    recorder = _Recorder()
    with observe(recorder):
        try:
            return recorder.trace(outputs=await run)
        except Exception as error:  # noqa: BLE001 - kept, and raised where it is read
            return recorder.trace(error=error)
