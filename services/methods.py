"""The methods that a flow names: whether a run can call them, and which it awaits."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from services.refusal import refuse, takes
from services.steps import Stage, methods_in, methods_named, nodes_in, steps_in
from services.wording import did_you_mean

if TYPE_CHECKING:
    from services.steps import Node


def check_methods(cls: type, base: type, flow: tuple[Node, ...]) -> None:
    """
    Refuse a flow that names what is no method, or not one for its role.

    :raises DefinitionError: for the first that is wrong.
    """
    for node in nodes_in(flow):
        _check_node(cls, base, node)
    steps = [step.name for step in steps_in(flow)]
    for role, name in methods_in(flow):
        if role in ("only_if", "only_unless", "within") and name in steps:
            remedy = "A method is one or the other: write a second one."
            refuse(cls.__qualname__, f"{role}={name!r} is a step as well. {remedy}")


def awaited_in(cls: type, flow: tuple[Node, ...]) -> tuple[str, ...]:
    """
    Give the names of the methods that are async.

    :raises DefinitionError: if a stage is of two worlds.
    """
    names = dict.fromkeys(name for _, name in methods_in(flow))
    awaited = tuple(name for name in names if _is_async(getattr(cls, name)))
    for node in nodes_in(flow):
        if isinstance(node, Stage):
            _check_one_world(cls, node, awaited)
    return awaited


def _check_node(cls: type, base: type, node: Node) -> None:
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
            others = [each for each in _own_methods(cls, base) if each != name]
            remedy = did_you_mean(name, others) or (f" Define 'def {name}(self)'.")
            refuse(cls.__qualname__, f"{label} has no method.{remedy}")
        static = inspect.getattr_static(cls, name)
        if isinstance(static, type):
            refuse(cls.__qualname__, f"{label} is a class. Write a method.")
        if isinstance(static, staticmethod | classmethod):
            kind = type(static).__name__
            refuse(cls.__qualname__, f"{label} is a {kind}. Drop '@{kind}'.")
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
