"""
From untrusted data to inputs, and from outputs to data.

The guard of ``limits`` looks first; then each input is structured by cattrs, with the
hooks beside this module. What those refuse becomes problems, each with its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from traceback import walk_tb
from typing import Any, Final, TypeVar, cast, get_args

import attrs
from cattrs.errors import (
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)

from services.attributes import Inputs, Outputs, service_name
from services.checks import MAX_PROBLEMS, masked_problem, problems_with
from services.errors import DefinitionError, InputError, InputProblem
from services.fields import Field, by_given_name, declared
from services.hooks import CONVERTER
from services.limits import Limits, TooLarge, guard, joined, parse_json
from services.records import hints_of, is_record, parts_of
from services.scalars import Hook, WrongType
from services.typecheck import UncheckableAnnotation, unwrapped
from services.wording import MASK, did_you_mean, got_data, layer_name, said, short

I = TypeVar("I", bound=Inputs)  # noqa: E741 - inputs

_DEFAULT_LIMITS: Final = Limits()


def structure(cls: type[I], data: object, limits: Limits | None = None) -> I:
    """Make inputs of a class from data; see :meth:`services.Inputs.structure`."""
    limits = limits or _DEFAULT_LIMITS
    if not isinstance(limits, Limits):
        msg = f"limits must be Limits(depth=..., ...), got {type(limits).__name__}."
        raise TypeError(msg)
    name = service_name(cls)
    try:
        if isinstance(data, str | bytes):
            data = parse_json(data, limits)
        guard(data, limits)
    except TooLarge as error:
        raise InputError(name, [_cut_at_secret(cls, error.problem)]) from None
    if not isinstance(data, dict):
        problem = InputProblem("", "type", f"must be an object, got {got_data(data)}")
        raise InputError(name, [problem])
    given, found = _structured(cls, data)
    if found:
        raise InputError(name, problems_with(cls, given, found)[:MAX_PROBLEMS])
    return cls(**given)


def _cut_at_secret(cls: type[Inputs], problem: InputProblem) -> InputProblem:
    """Name the input alone if something in it is sensitive: keys are data too."""
    name = re.split(r"[.\[]", problem.path, maxsplit=1)[0]
    field = by_given_name(cls).get(name)
    if field is None:
        return problem
    if declared(field).sensitive or _holds_secret(field.type, set()):
        return InputProblem(name, problem.code, problem.message)
    return problem


def _holds_secret(annotation: Any, seen: set[Any]) -> bool:
    """Tell whether a class that an annotation names has a sensitive attribute."""
    annotation = unwrapped(annotation)
    if any(_holds_secret(each, seen) for each in get_args(annotation)):
        return True
    if annotation in seen or not is_record(annotation):
        return False
    seen.add(annotation)
    hints = hints_of(annotation)
    return any(
        declared(part).sensitive or _holds_secret(hints.get(part.name, part.type), seen)
        for part in parts_of(annotation)
    )


def _structured(
    cls: type[Inputs], data: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, list[InputProblem]]]:
    """Give values of the right types, and what is wrong with the others, by name."""
    fields = by_given_name(cls)
    # All of them, so that what cannot come from data is told whatever was sent.
    hooks = {name: _hook_for(cls, field) for name, field in fields.items()}
    given: dict[str, Any] = {}
    found: dict[str, list[InputProblem]] = {}
    for name, value in data.items():
        field = fields.get(name)
        if field is None:
            given[name] = value  # It will be refused together with the others.
            continue
        try:
            given[name] = hooks[name](value, field.type)
        except Exception as error:  # noqa: BLE001 - told, whatever it is
            if declared(field).sensitive:
                found[name] = [masked_problem(field, value)]
            else:
                found[name] = list(islice(_flattened(error, name), MAX_PROBLEMS))
    return given, found


def _hook_for(cls: type[Inputs], field: Field[Any]) -> Hook:
    try:
        return CONVERTER.get_structure_hook(cast("Any", field.type))
    except (TypeError, NameError, UncheckableAnnotation) as error:
        reason = f"attribute {field.name!r} cannot come from data: {error}."
        raise DefinitionError(layer_name(cls), reason) from error


def _flattened(error: BaseException, path: str) -> Iterable[InputProblem]:
    """Give the problems in cattrs' tree of errors, each with its path."""
    if isinstance(error, ClassValidationError):
        yield from _in_record(error, path)
    elif isinstance(error, IterableValidationError):
        yield from _in_container(error, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [part.alias for part in parts_of(error.cl)]
        for key in sorted(error.extra_fields):
            remedy = did_you_mean(key, known)
            yield InputProblem(joined(path, key), "unknown", f"is not known.{remedy}")
    elif isinstance(error, DefinitionError):
        raise error  # A defect of the class, which no data can mend.
    elif isinstance(error, InputError):
        for problem in error.problems:
            yield InputProblem(
                joined(path, problem.path), problem.code, problem.message
            )
    else:
        code = "type" if isinstance(error, WrongType) else "invalid"
        yield InputProblem(path, code, said(error))


def _in_record(error: ClassValidationError, path: str) -> Iterable[InputProblem]:
    parts = {part.name: part for part in parts_of(error.cl)}
    located, others = error.group_exceptions()
    for inner, note in located:
        yield from _in_part(parts[note.name], inner, path)
    for inner in others:
        field = _refused_by_validator(inner)
        yield from _flattened(inner, joined(path, field) if field else path)


def _in_container(error: IterableValidationError, path: str) -> Iterable[InputProblem]:
    located, others = error.group_exceptions()
    for inner, note in located:
        yield from _flattened(inner, f"{path}[{short(note.index)}]")
    for inner in others:
        yield from _flattened(inner, path)


def _in_part(part: Any, error: BaseException, path: str) -> Iterable[InputProblem]:
    """Give the problems with one field of a record."""
    path, kept = joined(path, part.alias), declared(part)
    if isinstance(error, KeyError):
        yield InputProblem(path, "missing", "is missing")
    elif kept.sensitive:
        yield InputProblem(path, "type", f"must be {kept.check.expected}, got {MASK}")
    else:
        yield from _flattened(error, path)


def _refused_by_validator(error: BaseException) -> str | None:
    """Give the name of the field whose validator raised: it was told, we were not."""
    for frame, _ in walk_tb(error.__traceback__):
        for value in frame.f_locals.values():
            if isinstance(value, attrs.Attribute):
                return value.alias or value.name
    return None


def unstructure(outputs: Outputs) -> dict[str, Any]:
    """
    Give outputs as data that JSON can express.

    Dates are in ISO 8601, decimals are text, sets are lists in no certain order.
    Objects that data cannot express (a model instance, say) stay as they are.

    .. versionadded:: 0.1
    """
    data: dict[str, Any] = CONVERTER.unstructure(outputs)
    return data
