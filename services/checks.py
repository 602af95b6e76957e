"""
What is wrong with a value of an attribute.

A run asks one attrs validator, which only says yes or no; everything that is wrong is
found out after a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from itertools import islice
from typing import Any, Final

import attrs

from services.errors import InputProblem, UnsetAttribute
from services.fields import (
    Declared,
    Field,
    by_given_name,
    checks_type_only,
    declared,
    maker,
)
from services.limits import joined
from services.wording import MASK, did_you_mean, got, said

MAX_PROBLEMS: Final = 100
"""How many problems one refusal lists at the most."""


class Refused(ValueError):
    """A value was refused. What is wrong with it, :func:`problems_of` finds out."""


class Unconverted(Refused):
    """A converter raised; carries the name by which callers give, and the problem."""

    def __init__(self, name: str, problem: InputProblem) -> None:
        self.name = name
        self.problem = problem
        super().__init__(name, problem)


def explained(field: Field[Any]) -> Callable[[Any], Any]:
    """Let the converter of a field tell what it refuses: it is never called again."""
    convert: Any = field.converter
    kept, path = declared(field), field.alias or field.name

    @wraps(convert, updated=())
    def converter(value: Any) -> Any:
        try:
            return convert(value)
        except NameError:  # a defect of the converter, which no value can mend
            raise
        except Exception as error:
            shown = _masked(value) if kept.sensitive else f"{got(value)}: {said(error)}"
            reason = f"cannot be converted to {kept.annotation}, got {shown}"
            raise Unconverted(path, InputProblem(path, "invalid", reason)) from error

    return converter


def checker(kept: Declared) -> Callable[[Any, Field[Any], Any], None]:
    """Compile all checks of an attribute into one attrs validator."""
    accepts, exact = kept.check.accepts, kept.check.exact
    validator, must = kept.validator, kept.must

    def check_type(_instance: Any, _field: Field[Any], value: Any) -> None:
        if type(value) not in exact and not accepts(value):
            raise Refused

    def check_all(instance: Any, field: Field[Any], value: Any) -> None:
        check_type(instance, field, value)
        if validator is not None:
            validator(instance, field, value)
        if not all(holds(value) for holds in must.values()):
            raise Refused

    return check_type if checks_type_only(kept) else check_all


def problems_of(field: Field[Any], instance: Any, value: Any) -> list[InputProblem]:
    """Give everything that is wrong with a value of a field, converted already."""
    return _type_problems(field, value) or _broken_rules(field, instance, value)


def problems_with(
    cls: Any,
    given: Mapping[str, Any],
    found: Mapping[str, list[InputProblem]],
    partial: Any = None,
) -> list[InputProblem]:
    """
    Give everything that is wrong with what was, or was not, given for inputs.

    :param cls: the class of inputs.
    :param given: values by the names under which callers give them.
    :param found: by the same names, what is known to be wrong.
    :param partial: inputs that were filled in until something was refused; what they
        hold is converted already.
    """
    fields = by_given_name(cls)
    problems = dict(found)
    # Validators may look at other attributes: here, at those of the right type.
    trial = object.__new__(cls)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in problems:
            value, problems[name] = _given(field, given, partial)
            if not problems[name]:
                values[name] = value
                object.__setattr__(trial, field.name, value)
    for name, value in values.items():
        problems[name] = _broken_rules(fields[name], trial, value)
    unknown = (name for name in given if name not in fields)
    return [problem for name in fields for problem in problems[name]] + [
        InputProblem(
            joined("", name), "unknown", f"is not an input.{did_you_mean(name, fields)}"
        )
        for name in islice(unknown, MAX_PROBLEMS)
    ]


def _given(
    field: Field[Any], given: Mapping[str, Any], partial: Any
) -> tuple[Any, list[InputProblem]]:
    """Give the value of a field, converted, and what is wrong with its type."""
    path = field.alias or field.name
    if is_set(partial, field.name):
        value = getattr(partial, field.name)
        return value, _type_problems(field, value)
    if path not in given and field.default is attrs.NOTHING:
        annotation = declared(field).annotation
        return None, [InputProblem(path, "missing", f"is missing ({annotation})")]
    value = given[path] if path in given else maker(field.default)()
    if field.converter is not None:
        try:
            value = field.converter(value)  # type: ignore[operator]
        except Unconverted as error:
            return value, [error.problem]
    return value, _type_problems(field, value)


def is_set(layer: object, name: str) -> bool:
    """Tell whether an attribute of a layer has a value."""
    try:
        object.__getattribute__(layer, name)
    except AttributeError:
        return False
    return True


def _type_problems(field: Field[Any], value: Any) -> list[InputProblem]:
    kept = declared(field)
    if kept.check.accepts(value):
        return []
    if kept.sensitive:
        return [masked_problem(field, value)]
    path = field.alias or field.name
    return list(islice(kept.check.problems(value, path), MAX_PROBLEMS))


def masked_problem(field: Field[Any], value: Any) -> InputProblem:
    """Tell of a sensitive value of a wrong type, and not what is wrong within it."""
    expected = declared(field).check.expected
    reason = f"must be {expected}, got {_masked(value)}"
    return InputProblem(field.alias or field.name, "type", reason)


def _masked(value: Any) -> str:
    return f"{type(value).__name__} {MASK}"


def _broken_rules(field: Field[Any], instance: Any, value: Any) -> list[InputProblem]:
    """Give what the validators and predicates have against a value of its type."""
    kept = declared(field)
    path = field.alias or field.name
    found = []
    if kept.validator is not None:
        try:
            kept.validator(instance, field, value)
        except UnsetAttribute:
            pass  # It looks at another attribute, which has a problem of its own.
        except NameError:
            raise
        except Exception as error:  # noqa: BLE001 - a validator may raise as it likes
            why = MASK if kept.sensitive else said(error)
            found.append(InputProblem(path, "invalid", f"is refused: {why}"))
    shown = _masked(value) if kept.sensitive else got(value)
    return found + [
        InputProblem(path, "invalid", f"{sentence}, got {shown}")
        for sentence, holds in kept.must.items()
        if not _is_met(holds, value)
    ]


def _is_met(holds: Callable[[Any], bool], value: Any) -> bool:
    try:
        return bool(holds(value))
    except NameError:
        raise
    except Exception:  # noqa: BLE001 - what it cannot judge, it refuses
        return False
