"""
The order of a service's work, as frozen descriptions.

Names, not functions: a step is the method of that name, so that a subclass replaces it
by redefining the method, and a description of the flow can be printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Never

from attrs import evolve, frozen

from services.refusal import refuse, refuse_unknown_options
from services.wording import got

if TYPE_CHECKING:
    from collections.abc import Iterator


@frozen(kw_only=True)
class Step:
    """One method of the service, and when it runs."""

    name: str
    only_if: str | None = None
    only_unless: str | None = None
    before: str | None = None
    after: str | None = None


@frozen(kw_only=True)
class Stage:
    """Steps that share a context manager, a recovery or a compensation."""

    nodes: tuple[Node, ...]
    within: str | None = None
    recover: str | None = None
    compensate: str | None = None
    only_if: str | None = None
    only_unless: str | None = None
    before: str | None = None
    after: str | None = None


Node = Step | Stage

Steps = tuple[Node, ...]
"""What ``steps`` is. Annotate it in a class that others extend with more of them::

    steps: ClassVar[Steps] = (make("check"), make("save"))
"""

_STEP_OPTIONS: Final = ("only_if", "only_unless", "before", "after")
_STAGE_OPTIONS: Final = ("within", "recover", "compensate", *_STEP_OPTIONS)


def make(
    name: str,
    *,
    only_if: str | None = None,
    only_unless: str | None = None,
    before: str | None = None,
    after: str | None = None,
    **unknown: Never,
) -> Step:
    """
    Declare one step: the method ``name``, called without arguments.

    :param only_if: the name of a method; the step runs if it returns something true.
    :param only_unless: the same, the other way round.
    :param before: in a subclass, the inherited step in front of which this one goes.
    :param after: in a subclass, the inherited step behind which this one goes. Of
        several behind the same one, the last comes first.
    :raises DefinitionError: for an option that does not exist.

    .. versionadded:: 0.1
    """
    refuse_unknown_options("make()", unknown, _STEP_OPTIONS)
    return Step(
        name=name,
        only_if=only_if,
        only_unless=only_unless,
        before=before,
        after=after,
    )


def stage(
    *nodes: Node,
    within: str | None = None,
    recover: str | None = None,
    compensate: str | None = None,
    only_if: str | None = None,
    only_unless: str | None = None,
    before: str | None = None,
    after: str | None = None,
    **unknown: Never,
) -> Stage:
    """
    Declare steps, or stages, that belong together.

    :param within: the name of a method that returns a context manager, entered around
        the steps. An error leaves it as an exception, ``done`` as a normal end: so
        ``transaction.atomic()`` rolls back on the one and commits on the other. It
        cannot swallow an error: to go on after one, use ``recover``.
    :param recover: the name of a method that is given the exception which left the
        stage, after ``within`` was left. If it returns, the run goes on behind the
        stage, or ends early if it returns ``self.done()``; to fail, it raises.
    :param compensate: the name of a method that is given the exception and undoes what
        the stage did outside of any transaction. It is called if at least one step of
        the stage ended and the run then fails, here or later; the last stage first. It
        never turns a failure into success: its own errors become notes on the failure.
    :param only_if: as in :func:`make`, for the whole stage.
    :param only_unless: as in :func:`make`, for the whole stage.
    :param before: as in :func:`make`.
    :param after: as in :func:`make`.
    :raises DefinitionError: for an option that does not exist, or a stage of nothing.

    .. versionadded:: 0.1
    """
    refuse_unknown_options("stage()", unknown, _STAGE_OPTIONS)
    if not nodes:
        refuse(None, "stage() has no steps. Give it at least one make(...).")
    for node in nodes:
        if not isinstance(node, Step | Stage):
            refuse(None, f"stage() takes make(...) and stage(...), got {got(node)}.")
        if node.before or node.after:
            refuse(None, "before= and after= are for a step outside of stages.")
    return Stage(
        nodes=nodes,
        within=within,
        recover=recover,
        compensate=compensate,
        only_if=only_if,
        only_unless=only_unless,
        before=before,
        after=after,
    )


def steps_in(nodes: tuple[Node, ...]) -> Iterator[Step]:
    """Give the steps of nodes, stages opened up, in the order in which they run."""
    for node in nodes:
        if isinstance(node, Step):
            yield node
        else:
            yield from steps_in(node.nodes)


def methods_named(node: Node) -> Iterator[tuple[str, str]]:
    """Give the role and the name of every method that a node, itself, refers to."""
    if isinstance(node, Step):
        yield "step", node.name
    else:
        for role in ("within", "recover", "compensate"):
            name = getattr(node, role)
            if name is not None:
                yield role, name
    if node.only_if is not None:
        yield "only_if", node.only_if
    if node.only_unless is not None:
        yield "only_unless", node.only_unless


def nodes_in(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Give nodes, and those inside of stages, each stage before what is in it."""
    for node in nodes:
        yield node
        if isinstance(node, Stage):
            yield from nodes_in(node.nodes)


def methods_in(nodes: tuple[Node, ...]) -> Iterator[tuple[str, str]]:
    """Give the role and the name of every method that nodes, all in all, refer to."""
    for node in nodes_in(nodes):
        yield from methods_named(node)


def placed(nodes: tuple[Node, ...], new: Node) -> tuple[Node, ...] | None:
    """Put a node before or behind the step it names; None if there is no such step."""
    anchor = new.before or new.after
    for index, node in enumerate(nodes):
        if isinstance(node, Step) and node.name == anchor:
            at = index if new.before else index + 1
            return (*nodes[:at], new, *nodes[at:])
        if isinstance(node, Stage):
            inside = placed(node.nodes, new)
            if inside is not None:
                grown = evolve(node, nodes=inside)
                return (*nodes[:index], grown, *nodes[index + 1 :])
    return None
