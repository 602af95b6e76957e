"""From a class body to a frozen Definition; every misuse is refused here."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from services.attributes import Inputs, Internals, Outputs
from services.methods import awaited_in, check_methods
from services.refusal import refuse
from services.steps import (
    Node,
    Step,
    placed,
    steps_in,
)
from services.wording import did_you_mean, got, without_locals

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from services.dataflow import Access

LAYERS: Final = {"inputs": Inputs, "internals": Internals, "outputs": Outputs}


@frozen(kw_only=True)
class Definition:
    """
    What a service is, read from its class once: the ground of all introspection.

    :ivar service: the class itself.
    :ivar name: its name.
    :ivar doc: its docstring, without indentation.
    :ivar inputs: its attrs class of inputs; likewise ``internals`` and ``outputs``.
    :ivar flow: its steps and stages in the order in which they run, inherited ones
        among them.
    :ivar awaited: the names of those methods in the flow that are async. With one of
        them, the service is awaited: ``await S.arun(...)``.

    .. versionadded:: 0.1
    """

    service: type = field(repr=False)
    name: str
    doc: str
    inputs: type[Inputs]
    internals: type[Internals]
    outputs: type[Outputs]
    flow: tuple[Node, ...]
    awaited: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps alone, stages opened up."""
        return tuple(steps_in(self.flow))

    def place_of(self, step: str) -> str:
        """Give ``3 of 5``: where a step stands in the flow."""
        names = [each.name for each in self.steps]
        return f"{names.index(step) + 1} of {len(names)}"

    @cached_property
    def dataflow(self) -> Mapping[str, Access]:
        """What each method that the flow names reads and sets, read from its code."""
        from services.dataflow import dataflow_of  # noqa: PLC0415 - only when asked

        return dataflow_of(self)

    @property
    def findings(self) -> tuple[str, ...]:
        """What is surely wrong with the flow: read too early, or never set."""
        from services.dataflow import findings  # noqa: PLC0415 - only when asked

        return tuple(findings(self))


def define(cls: type, base: type) -> Definition:
    """
    Read and check a service class.

    :param cls: the class that is being created.
    :param base: the class of which all services are subclasses.
    :raises DefinitionError: for the first thing that is wrong with it.
    """
    if "__init__" in vars(cls):
        refuse(cls.__qualname__, "a service has no __init__. Declare inputs instead.")
    _check_methods_of_service(cls, base)
    _check_names(cls)
    for layer in LAYERS:
        _check_layer(cls, layer)
    flow = _merged_flow(cls)
    check_methods(cls, base, flow)
    awaited = awaited_in(cls, flow)
    return Definition(
        service=cls,
        name=without_locals(cls.__qualname__),
        doc=inspect.cleandoc(cls.__doc__ or ""),
        flow=flow,
        awaited=awaited,
        **{layer: getattr(cls, layer) for layer in LAYERS},
    )


def _check_methods_of_service(cls: type, service: type) -> None:
    """Refuse what would stand in front of a method of Service's, also in a mixin."""
    own_of_service = {*dir(service), *inspect.get_annotations(service)} - {
        *LAYERS,
        "steps",
    }
    in_front = cls.__mro__[: cls.__mro__.index(service)]
    mixins = [each for each in in_front if not issubclass(each, service)]
    for owner in (cls, *mixins):
        for name, value in vars(owner).items():
            is_method = (
                callable(value)
                or inspect.isroutine(value)
                or isinstance(value, property)
            )
            if is_method and not name.startswith("__") and name in own_of_service:
                place = "" if owner is cls else f" of {owner.__name__}"
                reason = f"{name!r}{place} would replace what Service has of that name."
                refuse(cls.__qualname__, f"{reason} Choose another.")


def _check_names(cls: type) -> None:
    """Refuse what has a wrong name: a layer, or the steps."""
    for name, value in vars(cls).items():
        if name not in LAYERS and _is_own_class(cls, name, value):
            for layer, base in LAYERS.items():
                # One with another name may be a part of what is in a layer.
                is_misspelt = layer not in vars(cls) or did_you_mean(name, [layer])
                if issubclass(value, base) and is_misspelt:
                    refuse(
                        cls.__qualname__,
                        f"class {name!r} is made of {base.__name__}, but nothing reads "
                        f"it. Name it {layer!r}.",
                    )
        if "steps" not in vars(cls) and _holds_steps(value):
            refuse(
                cls.__qualname__,
                f"{name!r} holds steps, but nothing runs them. Name it 'steps'.",
            )


def _is_own_class(cls: type, name: str, value: object) -> bool:
    """Tell whether it is a class that was written in the body of ``cls``."""
    own = f"{cls.__qualname__}.{name}"
    return isinstance(value, type) and value.__qualname__ == own


def _holds_steps(value: object) -> bool:
    parts = value if isinstance(value, tuple | list) else (value,)
    return any(isinstance(part, Node) for part in parts)


def _check_layer(cls: type, layer: str) -> None:
    nested = getattr(cls, layer)
    expected = LAYERS[layer]
    if not (isinstance(nested, type) and issubclass(nested, expected)):
        refuse(
            cls.__qualname__,
            f"{layer!r} is not made of {expected.__name__}. "
            f"Write 'class {layer}({expected.__name__})'.",
        )
    for parent in cls.__mro__[1:]:
        inherited = vars(parent).get(layer)
        if inherited is None or issubclass(nested, inherited):
            continue
        remedy = (
            f"Write 'class {layer}({parent.__name__}.{layer})'."
            if layer in vars(cls)
            else f"Derive {without_locals(nested.__qualname__)} from "
            f"{without_locals(inherited.__qualname__)}, or the other way round."
        )
        refuse(cls.__qualname__, f"{layer!r} would lose what it inherits. {remedy}")


def _merged_flow(cls: type) -> tuple[Node, ...]:
    flow: tuple[Node, ...] = ()
    for ancestor in reversed(cls.__mro__):
        inherited = {step.name for step in steps_in(flow)}
        for node in _nodes_of(cls, vars(ancestor).get("steps", ())):
            flow = _with(cls, flow, node, inherited)
    return flow


def _nodes_of(cls: type, steps: Any) -> tuple[Node, ...]:
    whole = "'steps' is not a tuple of make(...) and stage(...)"
    if not isinstance(steps, tuple):
        found = f"{whole}, but {type(steps).__name__}."
        refuse(cls.__qualname__, f"{found} Mind the comma behind a single one.")
    for node in steps:
        if not isinstance(node, Node):
            remedy = f" Write make({node!r})." if isinstance(node, str) else ""
            refuse(cls.__qualname__, f"{whole}: it holds {got(node)}.{remedy}")
    return steps


def _with(
    cls: type, flow: tuple[Node, ...], node: Node, inherited: Collection[str]
) -> tuple[Node, ...]:
    names = [step.name for step in steps_in(flow)]
    known = list(names)
    for step in steps_in((node,)):
        if step.name in inherited:
            remedy = "List new steps alone; to replace it, redefine its method."
            refuse(cls.__qualname__, f"step {step.name!r} is inherited. {remedy}")
        if step.name in known:
            remedy = "Give the second another name."
            refuse(cls.__qualname__, f"step {step.name!r} is declared twice. {remedy}")
        known.append(step.name)
    if node.before and node.after:
        refuse(cls.__qualname__, "a step goes before= or after= another, not both.")
    if not (node.before or node.after):
        return (*flow, node)
    grown = placed(flow, node)
    if grown is None:
        anchor = node.before or node.after
        remedy = did_you_mean(str(anchor), names)
        refuse(
            cls.__qualname__, f"there is no step {anchor!r} to place one by.{remedy}"
        )
    return grown
