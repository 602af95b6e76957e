"""
From an annotation to a check of values, compiled once per class.

A :class:`Check` has two ways of looking: ``accepts`` is for every call and only says
yes or no; ``problems`` is for the refusal, and finds out where and why.
"""

from __future__ import annotations

import types
import typing
from collections import abc
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from attrs import frozen

from services.errors import InputProblem
from services.records import is_record
from services.wording import annotation_name, got, got_data, short

Problems = Iterator[InputProblem]


class UncheckableAnnotation(Exception):
    """An annotation whose values cannot be checked at run time; the text says why."""


@frozen(kw_only=True)
class Check:
    """
    What one annotation allows.

    :ivar expected: the annotation, for sentences.
    :ivar accepts: tells whether a value fits.
    :ivar problems: tells, for a value and its path, where and why it does not.
    :ivar exact: types whose direct instances always fit: the short way to a yes.
    """

    expected: str
    accepts: Callable[[Any], bool]
    problems: Callable[[Any, str], Problems]
    exact: frozenset[type] = frozenset()


def compile_check(annotation: Any) -> Check:
    """
    Compile an annotation whose names are already resolved.

    :raises UncheckableAnnotation: if values of it could not be checked in full. It is
        never checked in part.
    """
    annotation = unwrapped(annotation)
    if annotation is Any or annotation is object:
        return _leaf("anything", lambda _: True)
    if annotation is None or annotation is type(None):
        return _leaf("None", lambda value: value is None, types.NoneType)
    origin = get_origin(annotation)
    if origin is Union or origin is types.UnionType:
        return _union(annotation)
    if origin is Literal:
        return _literal(annotation)
    if origin is not None:
        return _generic(annotation, origin)
    if isinstance(annotation, type):
        return _instance(annotation)
    msg = f"{annotation_name(annotation)} has no values that could be checked"
    raise UncheckableAnnotation(msg)


def unwrapped(annotation: Any) -> Any:
    """Take off what only speaks to type checkers: Annotated, NewType, aliases."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        else:
            return annotation


def _leaf(
    expected: str,
    accepts: Callable[[Any], bool],
    *exact: type,
    shown: Callable[[Any], str] = got,
) -> Check:
    def problems(value: Any, path: str) -> Problems:
        if not accepts(value):
            yield InputProblem(path, "type", f"must be {expected}, got {shown(value)}")

    return Check(
        expected=expected, accepts=accepts, problems=problems, exact=frozenset(exact)
    )


def _instance(kind: type) -> Check:
    name = kind.__name__
    if kind is int:
        # bool is an int to Python; to a person True is not a quantity.
        return _leaf(
            name, lambda v: isinstance(v, int) and not isinstance(v, bool), int
        )
    if kind is float:
        # Type checkers let an int pass for a float, so this does too.
        return _leaf(
            name,
            lambda v: isinstance(v, float | int) and not isinstance(v, bool),
            float,
            int,
        )
    if kind is date:
        # A datetime is a date to Python, and compares with none.
        return _leaf(
            name, lambda v: isinstance(v, date) and not isinstance(v, datetime), date
        )
    if getattr(kind, "_is_protocol", False) and not getattr(
        kind, "_is_runtime_protocol", False
    ):
        msg = f"protocol {name} is not runtime_checkable"
        raise UncheckableAnnotation(msg)
    if typing.is_typeddict(kind):
        msg = f"{name} is a TypedDict; use an attrs class, or dict[str, object]"
        raise UncheckableAnnotation(msg)
    # What was to be a record may hold secrets, and nobody has looked yet which.
    shown = got_data if is_record(kind) else got
    return _leaf(name, lambda v: isinstance(v, kind), kind, shown=shown)


def _literal(annotation: Any) -> Check:
    choices = get_args(annotation)

    def accepts(value: Any) -> bool:
        return any(
            type(value) is type(choice) and value == choice for choice in choices
        )

    shown = (
        choice.name if isinstance(choice, Enum) else repr(choice) for choice in choices
    )
    return _leaf(f"one of {', '.join(shown)}", accepts)


def _union(annotation: Any) -> Check:
    members = [compile_check(member) for member in get_args(annotation)]
    expected = " or ".join(member.expected for member in members)
    shown = got_data if any(map(is_record, get_args(annotation))) else got

    def accepts(value: Any) -> bool:
        return any(member.accepts(value) for member in members)

    def problems(value: Any, path: str) -> Problems:
        if accepts(value):
            return
        # If one member takes the container and only an element is wrong, say which.
        for member in members:
            found = list(member.problems(value, path))
            if any(problem.path != path for problem in found):
                yield from found
                return
        yield InputProblem(path, "type", f"must be {expected}, got {shown(value)}")

    return Check(
        expected=expected,
        accepts=accepts,
        problems=problems,
        exact=frozenset().union(*(member.exact for member in members)),
    )


_SEQUENCES = {list, set, frozenset, abc.Sequence, abc.Collection, abc.Set}
_SEQUENCES |= {abc.MutableSequence, abc.MutableSet}
_MAPPINGS = {dict, abc.Mapping, abc.MutableMapping}


def _generic(annotation: Any, origin: Any) -> Check:
    arguments = get_args(annotation)
    if origin is tuple:
        return _tuple(annotation, arguments)
    if origin in _SEQUENCES:
        return _sequence(annotation, origin, compile_check(arguments[0]))
    if origin in _MAPPINGS:
        key, value = map(compile_check, arguments)
        return _mapping(annotation, origin, key, value)
    if origin is type:
        return _subclass(arguments[0])
    if not isinstance(origin, type):  # Final, Unpack and others of their kind
        msg = f"{annotation_name(annotation)} has no values that could be checked"
        raise UncheckableAnnotation(msg)
    if all(argument in (Any, object, Ellipsis) for argument in arguments):
        return _leaf(annotation_name(annotation), _instance(origin).accepts)
    anything = ", ".join(["Any"] * len(arguments))
    unchecked = "..., Any" if origin is abc.Callable else anything
    msg = (
        f"what is inside {annotation_name(annotation)} cannot be checked; "
        f"write {annotation_name(origin)}[{unchecked}]"
    )
    raise UncheckableAnnotation(msg)


def _container(
    expected: str,
    origin: type,
    accepts_content: Callable[[Any], bool],
    content_problems: Callable[[Any, str], Problems],
) -> Check:
    """Check the container itself first, and what is in it after that."""

    def accepts(value: Any) -> bool:
        # A str is a Sequence[str] to Python; nobody who writes that means it.
        return (
            isinstance(value, origin)
            and not isinstance(value, str | bytes)
            and accepts_content(value)
        )

    def problems(value: Any, path: str) -> Problems:
        if not isinstance(value, origin) or isinstance(value, str | bytes):
            yield InputProblem(path, "type", f"must be {expected}, got {got(value)}")
        else:
            yield from content_problems(value, path)

    return Check(expected=expected, accepts=accepts, problems=problems)


def _sequence(annotation: Any, origin: type, item: Check) -> Check:
    def accepts(value: Any) -> bool:
        return all(map(item.accepts, value))

    def problems(value: Any, path: str) -> Problems:
        for index, element in enumerate(value):
            yield from item.problems(element, f"{path}[{index}]")

    return _container(annotation_name(annotation), origin, accepts, problems)


def _tuple(annotation: Any, arguments: tuple[Any, ...]) -> Check:
    if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004
        return _sequence(annotation, tuple, compile_check(arguments[0]))
    items = [compile_check(argument) for argument in arguments]
    expected = annotation_name(annotation)

    def accepts(value: Any) -> bool:
        return len(value) == len(items) and all(
            item.accepts(element) for item, element in zip(items, value, strict=True)
        )

    def problems(value: Any, path: str) -> Problems:
        if len(value) != len(items):
            length = f"has {len(value)} elements, {expected} has {len(items)}"
            yield InputProblem(path, "type", length)
            return
        for index, (item, element) in enumerate(zip(items, value, strict=True)):
            yield from item.problems(element, f"{path}[{index}]")

    return _container(expected, tuple, accepts, problems)


def _mapping(annotation: Any, origin: type, key: Check, item: Check) -> Check:
    def accepts(value: Any) -> bool:
        return all(map(key.accepts, value)) and all(map(item.accepts, value.values()))

    def problems(value: Any, path: str) -> Problems:
        for name, element in value.items():
            yield from key.problems(name, f"{path} key")
            yield from item.problems(element, f"{path}[{short(name)}]")

    return _container(annotation_name(annotation), origin, accepts, problems)


def _subclass(parent: Any) -> Check:
    if parent is Any or parent is object:
        return _instance(type)
    if not isinstance(parent, type):
        msg = f"type[{annotation_name(parent)}] cannot be checked"
        raise UncheckableAnnotation(msg)
    return _leaf(
        f"a subclass of {parent.__name__}",
        lambda value: isinstance(value, type) and issubclass(value, parent),
    )
