"""From a class body to a frozen Definition; every misuse is refused here."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from services.attributes import Inputs, Internals, Outputs
from services.refusal import refuse, takes
from services.steps import (
    Node,
    Stage,
    Step,
    methods_in,
    methods_named,
    nodes_in,
    placed,
    steps_in,
)
from services.wording import did_you_mean, without_locals

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    _check_names(cls)
    for layer in LAYERS:
        _check_layer(cls, layer)
    flow = _merged_flow(cls)
    for node in nodes_in(flow):
        _check_methods(cls, base, node)
    names = dict.fromkeys(name for _, name in methods_in(flow))
    awaited = tuple(name for name in names if _is_async(getattr(cls, name)))
    for node in nodes_in(flow):
        if isinstance(node, Stage):
            _check_one_world(cls, node, awaited)
    return Definition(
        service=cls,
        name=without_locals(cls.__qualname__),
        doc=inspect.cleandoc(cls.__doc__ or ""),
        flow=flow,
        awaited=awaited,
        **{layer: getattr(cls, layer) for layer in LAYERS},
    )


def _check_names(cls: type) -> None:
    """Refuse what is meant for a layer or the steps, but has another name."""
    for name, value in vars(cls).items():
        if name not in LAYERS and _is_own_class(cls, name, value):
            for layer, base in LAYERS.items():
                if issubclass(value, base):
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
        own = vars(ancestor).get("steps", ())
        if not isinstance(own, tuple) or not all(isinstance(n, Node) for n in own):
            refuse(
                cls.__qualname__,
                "'steps' is not a tuple of make(...) and stage(...). "
                "Mind the comma behind a single one.",
            )
        for node in own:
            flow = _with(cls, flow, node)
    return flow


def _with(cls: type, flow: tuple[Node, ...], node: Node) -> tuple[Node, ...]:
    names = [step.name for step in steps_in(flow)]
    known = list(names)
    for step in steps_in((node,)):
        if step.name in known:
            refuse(
                cls.__qualname__,
                f"step {step.name!r} is declared twice. Give the second another name; "
                f"to replace an inherited step, redefine its method.",
            )
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


def _check_methods(cls: type, base: type, node: Node) -> None:
    if node.only_if and node.only_unless:
        refuse(cls.__qualname__, "a step has only_if= or only_unless=, not both.")
    for role, name in methods_named(node):
        label = f"step {name!r}" if role == "step" else f"{role}={name!r}"
        if not isinstance(name, str):
            refuse(
                cls.__qualname__,
                f"{label} is not the name of a method. Write it as text.",
            )
        if hasattr(base, name):
            refuse(
                cls.__qualname__,
                f"{label} has a name of Service's own. Choose another.",
            )
        method = getattr(cls, name, None)
        if method is None:
            remedy = did_you_mean(name, _own_methods(cls, base)) or (
                f" Define 'def {name}(self)'."
            )
            refuse(cls.__qualname__, f"{label} has no method.{remedy}")
        _check_method(cls, label, role, method)


def _check_method(cls: type, label: str, role: str, method: Any) -> None:
    if not callable(method):
        refuse(
            cls.__qualname__, f"{label} is not a method but {type(method).__name__}."
        )
    if role == "within" and inspect.iscoroutinefunction(method):
        refuse(
            cls.__qualname__,
            f"{label} is a coroutine and no context manager. Let it 'yield' where the "
            f"steps run, and decorate it with @asynccontextmanager.",
        )
    is_async = inspect.isasyncgenfunction(method)
    if is_async or inspect.isgeneratorfunction(method):
        decorator = "@asynccontextmanager" if is_async else "@contextmanager"
        remedy = f" Decorate it with {decorator}." if role == "within" else ""
        refuse(
            cls.__qualname__,
            f"{label} contains 'yield', so that calling it does nothing.{remedy}",
        )
    expected = 2 if role in ("recover", "compensate") else 1
    if not takes(method, expected):
        arguments = "(self, error)" if expected == 2 else "(self)"  # noqa: PLR2004
        refuse(cls.__qualname__, f"{label} must take {arguments} and nothing more.")


def _is_async(method: Any) -> bool:
    """Tell whether a method is awaited, or gives an async context manager."""
    return inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(
        inspect.unwrap(method)
    )


def _check_one_world(cls: type, stage: Stage, awaited: tuple[str, ...]) -> None:
    """
    Refuse a stage whose context manager is sync, and something in it async.

    What a transaction holds, it holds for one thread: there the stage runs whole.
    """
    if stage.within is None or stage.within in awaited:
        return
    for role, name in methods_in((stage,)):
        if name in awaited:
            label = f"step {name!r}" if role == "step" else f"{role}={name!r}"
            refuse(
                cls.__qualname__,
                f"{label} is async, in a stage within={stage.within!r}, which is not. "
                f"Take it out of the stage, or drop 'async'.",
            )


def _own_methods(cls: type, base: type) -> list[str]:
    return [
        name
        for name in dir(cls)
        if not name.startswith("__") and not hasattr(base, name)
    ]
