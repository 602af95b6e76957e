"""
From untrusted data to inputs, and from outputs to data.

The guard of ``limits`` looks first; then each input is structured by cattrs, with hooks
that coerce nothing: 3.9 is no integer, 'false' no truth, '123' no list.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from inspect import isclass
from itertools import islice
from math import isfinite
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin
from uuid import UUID

import attrs
import cattrs
from cattrs import cols
from cattrs.errors import (
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn

from services.attributes import Inputs, Outputs, layer_name, service_name
from services.errors import DefinitionError, InputError, InputProblem
from services.fields import (
    MAX_PROBLEMS,
    Field,
    by_given_name,
    declared,
    masked_problem,
    problems_with,
)
from services.limits import Limits, TooLarge, guard, joined, parse_json
from services.typecheck import UncheckableAnnotation, compile_check
from services.wording import annotation_name, did_you_mean, got, short

I = TypeVar("I", bound=Inputs)  # noqa: E741 - inputs
Hook = Callable[[Any, Any], Any]

_DEFAULT_LIMITS: Final = Limits()


def structure(cls: type[I], data: object, limits: Limits | None = None) -> I:
    """Make inputs of a class from data; see :meth:`services.Inputs.structure`."""
    limits = limits or _DEFAULT_LIMITS
    name = service_name(cls)
    try:
        if isinstance(data, str | bytes):
            data = parse_json(data, limits)
        guard(data, limits)
    except TooLarge as error:
        raise InputError(name, [error.problem]) from None
    if not isinstance(data, dict):
        problem = InputProblem("", "type", f"must be an object, got {got(data)}")
        raise InputError(name, [problem])
    given, found = _structured(cls, data)
    if found:
        raise InputError(name, problems_with(cls, given, found)[:MAX_PROBLEMS])
    return cls(**given)


def _structured(
    cls: type[Inputs], data: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, list[InputProblem]]]:
    """Give values of the right types, and what is wrong with the others, by name."""
    fields = by_given_name(cls)
    given: dict[str, Any] = {}
    found: dict[str, list[InputProblem]] = {}
    for name, value in data.items():
        field = fields.get(name)
        if field is None:
            given[name] = value  # It will be refused together with the others.
            continue
        hook = _hook_for(cls, field)
        try:
            given[name] = hook(value, field.type)
        except Exception as error:  # noqa: BLE001 - told, whatever it is
            if declared(field).sensitive:
                found[name] = [masked_problem(field, value)]
            else:
                found[name] = list(islice(_flattened(error, name), MAX_PROBLEMS))
    return given, found


def _hook_for(cls: type[Inputs], field: Field[Any]) -> Hook:
    try:
        return _converter.get_structure_hook(cast("Any", field.type))
    except (TypeError, UncheckableAnnotation) as error:
        reason = f"attribute {field.name!r} cannot come from data: {error}."
        raise DefinitionError(layer_name(cls), reason) from error


def _flattened(error: BaseException, path: str) -> Iterable[InputProblem]:
    """Give the problems in cattrs' tree of errors, each with its path."""
    if isinstance(error, ClassValidationError | IterableValidationError):
        located, others = error.group_exceptions()
        for inner, note in located:
            yield from _flattened(inner, _extended(path, note))
        for inner in others:
            yield from _flattened(inner, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = by_given_name(error.cl)
        for key in sorted(error.extra_fields):
            remedy = did_you_mean(key, known)
            yield InputProblem(joined(path, key), "unknown", f"is not known.{remedy}")
    elif isinstance(error, KeyError):
        yield InputProblem(path, "missing", "is missing")
    elif isinstance(error, InputError):
        for problem in error.problems:
            yield InputProblem(
                joined(path, problem.path), problem.code, problem.message
            )
    else:
        code = "type" if isinstance(error, _WrongType) else "invalid"
        yield InputProblem(path, code, str(error.args[0] if error.args else error))


def _extended(path: str, note: Any) -> str:
    name = getattr(note, "name", None)
    return joined(path, name) if name is not None else f"{path}[{short(note.index)}]"


# --- Hooks that coerce nothing --------------------------------------------------------


class _WrongType(ValueError):
    """A value that is not of the type asked for."""


def _wrong(expected: str, value: object) -> _WrongType:
    return _WrongType(f"must be {expected}, got {got(value)}")


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


def _attrs_class(cls: Any, converter: cattrs.Converter) -> Hook:
    hook: Hook = make_dict_structure_fn(
        cls, converter, _cattrs_forbid_extra_keys=True, _cattrs_use_alias=True
    )

    def instance_or_structured(value: Any, to: Any) -> Any:
        if isinstance(value, cls):
            return value
        if not isinstance(value, dict):
            raise _wrong(f"an object ({cls.__name__})", value)
        return hook(value, to)

    return instance_or_structured


def _union(annotation: Any, converter: cattrs.Converter) -> Hook:
    """
    Choose the member by the shape of the value, and try only scalars one by one.

    So the cost stays linear: no structure is ever walked twice.
    """
    members = get_args(annotation)
    structured = [member for member in members if _takes_objects(member)]
    lists = [member for member in members if _takes_lists(member)]
    scalars = [m for m in members if m not in structured and m not in lists]
    for shape in (structured, lists):
        if len(shape) > 1:
            names = " and ".join(map(annotation_name, shape))
            raise TypeError(f"{names} look alike")

    def hook(value: Any, _: Any) -> Any:
        shape = scalars
        if isinstance(value, dict | list):
            shape = structured if isinstance(value, dict) else lists
        told: ValueError | None = None
        for member in shape:
            try:
                return converter.structure(value, member)
            except _WrongType:
                continue
            except ValueError as error:  # right type, wrong value: says more
                told = told or error
        raise told or _wrong(compile_check(annotation).expected, value)

    return hook


def _takes_objects(annotation: Any) -> bool:
    return attrs.has(annotation) or cols.is_mapping(annotation)


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
        (attrs.has, _attrs_class),
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


_converter: Final = _make_converter()


def unstructure(outputs: Outputs) -> dict[str, Any]:
    """
    Give outputs as data that JSON can express.

    Dates are in ISO 8601, decimals are text, sets are lists in no certain order.
    Objects that data cannot express (a model instance, say) stay as they are.

    .. versionadded:: 0.1
    """
    data: dict[str, Any] = _converter.unstructure(outputs)
    return data
