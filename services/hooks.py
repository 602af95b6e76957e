"""
How cattrs makes values of data: hooks that coerce nothing.

3.9 is no integer, 'false' no truth, '123' no list.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from inspect import isclass
from typing import Any, Final, Literal, Union, get_args, get_origin
from uuid import UUID

import attrs
import cattrs
from cattrs import cols
from cattrs.disambiguators import create_default_dis_func
from cattrs.errors import IterableValidationError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn

from services.records import hints_of, is_record, parts_of
from services.scalars import SCALARS, Hook, WrongType, as_it_is, of_enum, wrong
from services.typecheck import compile_check, unwrapped
from services.wording import annotation_name

_UNIONS: Final = (Union, types.UnionType)
_MOST_ALIKE: Final = 50  # values of one hash; honest data has hardly two


def _has_origin(*origins: Any) -> Callable[[Any], bool]:
    return lambda annotation: get_origin(annotation) in origins


def _is_anything(annotation: Any) -> bool:
    return annotation in (Any, object)


def _not_for_subclasses(kind: type, hook: Hook) -> Hook:
    """Cattrs serves subclasses with the hook of their parent: an IntEnum with int's."""

    def exactly(value: Any, to: Any) -> Any:
        if to is kind:
            return hook(value, to)
        other = of_enum if issubclass(to, Enum) else as_it_is(to)
        return other(value, to)

    return exactly


def _from(kind: type, make: Callable[[Any, cattrs.Converter], Hook]) -> Any:
    """Let only one kind of container through to cattrs' own hook for a type."""
    noun = "a list" if kind is list else "an object"

    def factory(annotation: Any, converter: cattrs.Converter) -> Hook:
        hook = make(annotation, converter)

        def guarded(value: Any, to: Any) -> Any:
            if not isinstance(value, kind):
                raise wrong(noun, value)
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
        found, problems = [], []
        for index, (each, member) in enumerate(zip(value, members, strict=True)):
            try:
                found.append(converter.structure(each, member))
            except Exception as error:  # noqa: BLE001 - told with its place
                note = IterableValidationNote(f"at {index}", index, member)
                error.add_note(note)
                problems.append(error)
        if problems:
            raise IterableValidationError("", problems, annotation)
        return tuple(found)

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
            raise wrong(f"an object ({kind.__name__})", value)
        return hook(value, to)

    return instance_or_structured


def _union(annotation: Any, converter: cattrs.Converter) -> Hook:
    """
    Choose the member by the shape of the value, and try only scalars one by one.

    So the cost stays linear: no structure is ever walked twice.
    """
    members = list(_members(annotation))
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
        raise told or wrong(compile_check(annotation).expected, value)

    return hook


def _members(annotation: Any) -> Iterator[Any]:
    """Give the members of a union, aliases and unions within it opened up."""
    for member in map(unwrapped, get_args(annotation)):
        if get_origin(member) in _UNIONS:
            yield from _members(member)
        else:
            yield member


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
    hints = hints_of(record)
    fields = {
        part.alias: attrs.field(
            default=part.default, type=hints.get(part.name, part.type)
        )
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


def _set_of(kind: type) -> Callable[[Any, cattrs.Converter], Hook]:
    def make(annotation: Any, converter: cattrs.Converter) -> Hook:
        listed = cols.list_structure_factory(annotation, converter)

        def hook(value: Any, to: Any) -> Any:
            elements = listed(value, to)
            _refuse_alike_hashes(elements)
            return kind(elements)

        return hook

    return make


def _mapping(annotation: Any, converter: cattrs.Converter) -> Hook:
    hook = cols.mapping_structure_factory(annotation, converter)
    kind = (get_args(annotation) or (Any,))[0]
    if kind in (str, Any):  # The hashes of text differ in each process.
        return hook
    of_key = converter.get_structure_hook(kind)

    def guarded(value: Any, to: Any) -> Any:
        keys = []
        for key in value:
            with suppress(Exception):  # What it refuses, cattrs' hook tells.
                keys.append(of_key(key, kind))
        _refuse_alike_hashes(keys)
        return hook(value, to)

    return guarded


def _refuse_alike_hashes(values: Iterable[Any]) -> None:
    """
    Refuse values that only an attacker has: many of one hash take quadratic time.

    The hash of a number, and so of a UUID, is its rest modulo 2**61 - 1.
    """
    seen: dict[int, list[Any]] = {}
    for value in values:
        alike = seen.setdefault(hash(value), [])
        if value not in alike:
            alike.append(value)
        if len(alike) > _MOST_ALIKE:
            msg = (
                f"has more than {_MOST_ALIKE} values of one hash, which costs too much"
            )
            raise ValueError(msg)


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter(
        forbid_extra_keys=True,
        use_alias=True,
        unstruct_collection_overrides={AbstractSet: list},
        structure_fallback_factory=as_it_is,
    )
    for kind, hook in SCALARS.items():
        converter.register_structure_hook(kind, _not_for_subclasses(kind, hook))
    converter.register_structure_hook_func(_is_anything, lambda value, _: value)
    converter.register_structure_hook_func(
        lambda kind: isclass(kind) and issubclass(kind, Enum), of_enum
    )
    factories: list[tuple[Callable[[Any], bool], Any]] = [
        (_has_origin(Literal), as_it_is),
        (is_record, _record),
        (cols.is_mapping, _from(dict, _mapping)),
        (cols.is_sequence, _from(list, cols.list_structure_factory)),
        (cols.is_set, _from(list, _set_of(set))),
        (cols.is_frozenset, _from(list, _set_of(frozenset))),
        (_has_origin(tuple), _from(list, _tuple)),
        (_has_origin(*_UNIONS), _union),
    ]
    for fits, factory in factories:
        converter.register_structure_hook_factory(fits)(factory)
    for kind in (date, datetime, time):
        converter.register_unstructure_hook(kind, lambda value: value.isoformat())
    for kind in (Decimal, UUID):
        converter.register_unstructure_hook(kind, str)
    return converter


CONVERTER: Final = _make_converter()
