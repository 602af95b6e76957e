"""
How cattrs makes values of data: hooks that coerce nothing.

3.9 is no integer, 'false' no truth, '123' no list.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from inspect import isclass
from math import isfinite
from typing import Any, Final, Literal, Union, get_args, get_origin
from uuid import UUID

import attrs
import cattrs
from cattrs import cols
from cattrs.disambiguators import create_default_dis_func
from cattrs.gen import make_dict_structure_fn

from services.records import is_record, parts_of
from services.typecheck import compile_check
from services.wording import annotation_name, got

Hook = Callable[[Any, Any], Any]


class WrongType(ValueError):
    """A value that is not of the type asked for."""


def got_data(value: object) -> str:
    """Give a value with its type; of what is in a list or object, all may be secret."""
    return type(value).__name__ if isinstance(value, list | dict) else got(value)


def _wrong(expected: str, value: object) -> WrongType:
    return WrongType(f"must be {expected}, got {got_data(value)}")


_INTEGERS: Final = range(-(2**63), 2**63)
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)


_LARGEST_EXPONENT: Final = 30
_LONGEST_TEXT: Final = 100  # of a date or a UUID, however it is written


def _integer(value: Any, _: Any) -> int:
    if type(value) is not int:
        raise _wrong("int", value)
    if value not in _INTEGERS:
        msg = "does not fit into 64 bits"
        raise ValueError(msg)
    return value


def _float(value: Any, _: Any) -> float:
    if type(value) not in (int, float):
        raise _wrong("float", value)
    if not isfinite(value):
        msg = "is not a finite number"
        raise ValueError(msg)
    return float(_integer(value, int)) if type(value) is int else value


def _exactly(kind: type) -> Hook:
    def hook(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise _wrong(kind.__name__, value)
        return value

    return hook


def _decimal(value: Any, _: Any) -> Decimal:
    # Without exponents: '1e1000000' is nine bytes, and half a minute as an int.
    if isinstance(value, Decimal):
        # Adjusted: the exponent in scientific notation.
        if not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT:
            msg = f"is no plain decimal such as '12.50': {got(value)}"
            raise ValueError(msg)
        return value
    if type(value) is int:
        return Decimal(_integer(value, int))
    if not isinstance(value, str):
        raise _wrong("a decimal as text, for example '12.50'", value)
    if not _DECIMAL.fullmatch(value):
        msg = f"is no plain decimal such as '12.50': {got(value)}"
        raise ValueError(msg)
    return Decimal(value)


def _from_text(kind: type, parse: Callable[[str], Any], example: str) -> Hook:
    def hook(value: Any, _: Any) -> Any:
        if type(value) is kind:
            return value
        if not isinstance(value, str):
            raise _wrong(f"{kind.__name__} as text, for example {example!r}", value)
        try:
            if len(value) <= _LONGEST_TEXT:
                return parse(value)
        except ValueError:
            pass
        msg = f"is no {kind.__name__} such as {example!r}: {got(value)}"
        raise ValueError(msg)

    return hook


def _enum(value: Any, kind: type[Enum]) -> Enum:
    if isinstance(value, kind):
        return value
    for member in kind:
        if type(member.value) is type(value) and member.value == value:
            return member
    choices = ", ".join(repr(member.value) for member in kind)
    raise _wrong(f"one of {choices}", value)


def _as_it_is(annotation: Any, _converter: cattrs.Converter | None = None) -> Hook:
    """Take only what is of the type already: a literal, or what data cannot express."""
    check = compile_check(annotation)

    def hook(value: Any, _: Any) -> Any:
        if not check.accepts(value):
            raise _wrong(check.expected, value)
        return value

    return hook


def _has_origin(*origins: Any) -> Callable[[Any], bool]:
    return lambda annotation: get_origin(annotation) in origins


def _is_anything(annotation: Any) -> bool:
    return annotation in (Any, object)


def _not_for_subclasses(kind: type, hook: Hook) -> Hook:
    """Cattrs serves subclasses with the hook of their parent: an IntEnum with int's."""

    def exactly(value: Any, to: Any) -> Any:
        if to is kind:
            return hook(value, to)
        other = _enum if issubclass(to, Enum) else _as_it_is(to)
        return other(value, to)

    return exactly


def _from(kind: type, make: Callable[[Any, cattrs.Converter], Hook]) -> Any:
    """Let only one kind of container through to cattrs' own hook for a type."""
    noun = "a list" if kind is list else "an object"

    def factory(annotation: Any, converter: cattrs.Converter) -> Hook:
        hook = make(annotation, converter)

        def guarded(value: Any, to: Any) -> Any:
            if not isinstance(value, kind):
                raise _wrong(noun, value)
            return hook(value, to)

        return guarded

    return factory


def _tuple(annotation: Any, converter: cattrs.Converter) -> Hook:
    members = get_args(annotation)
    if len(members) == 2 and members[1] is ...:  # noqa: PLR2004
        return cols.homogenous_tuple_structure_factory(annotation, converter)

    def hook(value: Any, _: Any) -> Any:
        if len(value) != len(members):
            msg = f"has {len(value)} elements, must have {len(members)}"
            raise ValueError(msg)
        return tuple(map(converter.structure, value, members))

    return hook


def _record(cls: Any, converter: cattrs.Converter) -> Hook:
    hook: Hook = make_dict_structure_fn(
        cls, converter, _cattrs_forbid_extra_keys=True, _cattrs_use_alias=True
    )
    kind = get_origin(cls) or cls

    def instance_or_structured(value: Any, to: Any) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, dict):
            raise _wrong(f"an object ({kind.__name__})", value)
        return hook(value, to)

    return instance_or_structured


def _union(annotation: Any, converter: cattrs.Converter) -> Hook:
    """
    Choose the member by the shape of the value, and try only scalars one by one.

    So the cost stays linear: no structure is ever walked twice.
    """
    members = get_args(annotation)
    objects = [member for member in members if _takes_objects(member)]
    lists = [member for member in members if _takes_lists(member)]
    scalars = [m for m in members if m not in objects and m not in lists]
    if len(lists) > 1:
        raise _alike(lists, "Leave one of them")
    which = _choice(objects, converter) if len(objects) > 1 else None

    def candidates(value: Any) -> list[Any]:
        if isinstance(value, list):
            return lists
        if isinstance(value, dict):
            return objects if which is None else which(value)
        if type(value) in (int, float) and type(value) in scalars:
            return [type(value)]  # A number stays what it is.
        return scalars

    def hook(value: Any, _: Any) -> Any:
        told: ValueError | None = None
        for member in candidates(value):
            try:
                return converter.structure(value, member)
            except WrongType:
                continue
            except ValueError as error:  # right type, wrong value: says more
                told = told or error
        raise told or _wrong(compile_check(annotation).expected, value)

    return hook


def _choice(
    members: list[Any], converter: cattrs.Converter
) -> Callable[[dict[Any, Any]], list[Any]]:
    """Tell records apart by a Literal that all have, or a field that each needs."""
    remedy = "Give each a Literal of its own, or a field that no other needs"
    if not all(map(is_record, members)):
        raise _alike(members, remedy)
    models = {_model_of(member): member for member in members}
    try:
        choose: Any = create_default_dis_func(converter, *models, overrides={})
    except TypeError as error:
        raise _alike(members, remedy) from error

    def which(value: dict[Any, Any]) -> list[Any]:
        try:
            return [models[choose(value)]]
        except (KeyError, TypeError, ValueError):  # neither; TypeError: no such Literal
            return []

    return which


def _model_of(record: Any) -> Any:
    """Give an attrs class of the keys that a record has in data, for cattrs to read."""
    fields = {
        part.alias: attrs.field(default=part.default, type=part.type)
        for part in parts_of(record)
    }
    return attrs.make_class(annotation_name(record), fields, kw_only=True)


def _alike(members: list[Any], remedy: str) -> TypeError:
    names = " and ".join(map(annotation_name, members))
    return TypeError(f"{names} look alike. {remedy}")


def _takes_objects(annotation: Any) -> bool:
    return is_record(annotation) or cols.is_mapping(annotation)


def _takes_lists(annotation: Any) -> bool:
    return get_origin(annotation) is tuple or any(
        fits(annotation) for fits in (cols.is_sequence, cols.is_any_set)
    )


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter(
        forbid_extra_keys=True,
        use_alias=True,
        unstruct_collection_overrides={AbstractSet: list},
        structure_fallback_factory=_as_it_is,
    )
    hooks: dict[Any, Hook] = {
        int: _integer,
        float: _float,
        bool: _exactly(bool),
        str: _exactly(str),
        bytes: _exactly(bytes),
        Decimal: _decimal,
        date: _from_text(date, date.fromisoformat, "2026-11-21"),
        datetime: _from_text(
            datetime, datetime.fromisoformat, "2026-11-21T10:00:00+01:00"
        ),
        time: _from_text(time, time.fromisoformat, "10:00:00"),
        UUID: _from_text(UUID, UUID, "12345678-1234-5678-1234-567812345678"),
        types.NoneType: _exactly(types.NoneType),
    }
    for kind, hook in hooks.items():
        converter.register_structure_hook(kind, _not_for_subclasses(kind, hook))
    converter.register_structure_hook_func(_is_anything, lambda value, _: value)
    converter.register_structure_hook_func(
        lambda kind: isclass(kind) and issubclass(kind, Enum), _enum
    )
    factories: list[tuple[Callable[[Any], bool], Any]] = [
        (_has_origin(Literal), _as_it_is),
        (is_record, _record),
        (cols.is_mapping, _from(dict, cols.mapping_structure_factory)),
        (cols.is_sequence, _from(list, cols.list_structure_factory)),
        (cols.is_set, _from(list, _set_of(set))),
        (cols.is_frozenset, _from(list, _set_of(frozenset))),
        (_has_origin(tuple), _from(list, _tuple)),
        (_has_origin(Union, types.UnionType), _union),
    ]
    for fits, factory in factories:
        converter.register_structure_hook_factory(fits)(factory)
    for kind in (date, datetime, time):
        converter.register_unstructure_hook(kind, lambda value: value.isoformat())
    for kind in (Decimal, UUID):
        converter.register_unstructure_hook(kind, str)
    return converter


def _set_of(kind: type) -> Callable[[Any, cattrs.Converter], Hook]:
    def make(annotation: Any, converter: cattrs.Converter) -> Hook:
        listed = cols.list_structure_factory(annotation, converter)
        return lambda value, to: kind(listed(value, to))

    return make


CONVERTER: Final = _make_converter()
