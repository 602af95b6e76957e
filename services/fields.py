"""
One attribute of a layer: what its author declared, and the check that follows from it.

attrs keeps the facts it has words for. Ours (``doc``, ``sensitive``, ``must``, the
compiled check) travel in the field's metadata as one :class:`Declared`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from itertools import islice
from keyword import iskeyword
from types import FrameType
from typing import Any, Final, Never, TypeVar, overload

import attrs

from services.errors import DefinitionError, InputProblem, UnsetAttribute
from services.limits import joined
from services.refusal import class_statement, refuse, refuse_unknown_options
from services.typecheck import Check, UncheckableAnnotation, compile_check
from services.wording import (
    MASK,
    annotation_name,
    did_you_mean,
    got,
    said,
    without_locals,
)

T = TypeVar("T")
Must = Mapping[str, Callable[[Any], bool]]
Field = attrs.Attribute  # of anything; attrs' own class is generic to checkers only

MAX_PROBLEMS: Final = 100
"""How many problems one refusal lists at the most."""

_KEY: Final = "services"
_ANYTHING: Final = compile_check(object)


@attrs.frozen(kw_only=True)
class Declared:
    """What is kept about an attribute beside attrs' own facts."""

    doc: str = ""
    sensitive: bool = False
    must: Must = attrs.field(factory=dict)
    validator: Callable[[Any, Field[Any], Any], Any] | None = None
    check: Check = _ANYTHING
    annotation: str = ""


_PLAIN: Final = Declared()
_FROM_ATTRS: Final[Any] = type(attrs.field())
_OPTIONS: Final = (
    "default",
    "factory",
    "converter",
    "validator",
    "must",
    "doc",
    "sensitive",
    "alias",
)


def fields_of(cls: Any) -> dict[str, Field[Any]]:
    """Give the fields of a layer, or of any attrs class, by name."""
    return {field.name: field for field in attrs.fields(cls)}


def by_given_name(cls: Any) -> dict[str, Field[Any]]:
    """Give the fields of inputs by the names under which callers give them."""
    return {field.alias or field.name: field for field in attrs.fields(cls)}


def is_foreign(value: object) -> bool:
    """Tell whether a value is attrs' own field(), not our attribute()."""
    return isinstance(value, _FROM_ATTRS) and _KEY not in value.metadata


def declared(field: Field[Any]) -> Declared:
    """Give what was declared about a field of a layer."""
    kept: Declared = field.metadata.get(_KEY, _PLAIN)
    return kept


@overload
def attribute(
    *,
    default: T,
    converter: Callable[[Any], T] | None = ...,
    validator: Callable[[Any, Field[Any], T], Any] | list[Any] | None = ...,
    must: Mapping[str, Callable[[T], bool]] | None = ...,
    doc: str = ...,
    sensitive: bool = ...,
    alias: str | None = ...,
) -> T: ...
@overload
def attribute(
    *,
    factory: Callable[[], T],
    converter: Callable[[Any], T] | None = ...,
    validator: Callable[[Any, Field[Any], T], Any] | list[Any] | None = ...,
    must: Mapping[str, Callable[[T], bool]] | None = ...,
    doc: str = ...,
    sensitive: bool = ...,
    alias: str | None = ...,
) -> T: ...
@overload
def attribute(
    *,
    converter: Callable[[Any], Any] | None = ...,
    validator: Callable[[Any, Field[Any], Any], Any] | list[Any] | None = ...,
    must: Mapping[str, Callable[[Any], bool]] | None = ...,
    doc: str = ...,
    sensitive: bool = ...,
    alias: str | None = ...,
) -> Any: ...
def attribute(
    *,
    default: Any = attrs.NOTHING,
    factory: Callable[[], Any] | None = None,
    converter: Callable[[Any], Any] | None = None,
    validator: Any = None,
    must: Must | None = None,
    doc: str = "",
    sensitive: bool = False,
    alias: str | None = None,
    **unknown: Never,
) -> Any:
    """
    Declare more about an attribute than its annotation says.

    :param default: the value when none is given; must be immutable. ``None`` is a
        value like any other and needs ``T | None``.
    :param factory: called without arguments for each run that needs a default.
    :param converter: called once, before the check, with what was given. It must have
        no effect beyond its result: to explain a refusal it may be called once more.
    :param validator: attrs' validators, called after the type was found right:
        ``validator=attrs.validators.ge(1)``, or a list of them.
    :param must: sentences and predicates, ``{"must be in the past": is_past}``; a
        predicate that gives False refuses the value with its sentence.
    :param doc: one line for the description.
    :param sensitive: never show the value, in no message, trace or log.
    :param alias: the name under which callers give an input, where it is not the
        attribute's own.
    :raises DefinitionError: for an option that does not exist.

    .. versionadded:: 0.1
    """
    refuse_unknown_options("attribute()", unknown, _OPTIONS)
    validators = validator if isinstance(validator, list | tuple) else [validator]
    for each in (factory, converter, *validators, *(must or {}).values()):
        if each is not None and not callable(each):
            refuse(None, f"attribute() was given {got(each)}, which cannot be called.")
    if factory is not None:
        if default is not attrs.NOTHING:
            refuse(None, "attribute() takes default or factory, not both.")
        default = attrs.Factory(factory)
    if alias is not None and (
        not alias.isidentifier() or iskeyword(alias) or alias == "self"
    ):
        refuse(None, f"alias={alias!r} is no name for an argument. Choose another.")
    if isinstance(validator, list | tuple):
        validator = attrs.validators.and_(*validators)
    kept = Declared(
        doc=doc, sensitive=sensitive, must=dict(must or {}), validator=validator
    )
    return attrs.field(
        default=default,
        converter=converter,
        alias=alias,
        validator=_refuse_outside_of_layers,
        metadata={_KEY: kept},
    )


def _refuse_outside_of_layers(instance: Any, field: Field[Any], _value: Any) -> None:
    """Stand where a layer, in the making, puts its own check."""
    reason = (
        f"attribute {field.name!r} is made by attribute(), which only Inputs, "
        f"Internals and Outputs read. Write attrs.field(...), or derive from Inputs."
    )
    raise DefinitionError(without_locals(type(instance).__qualname__), reason)


def compile_fields(cls: type, fields: list[Field[Any]]) -> list[Field[Any]]:
    """Give each field of a class in the making its check; attrs' field_transformer."""
    aliases = [field.alias or field.name for field in fields]
    for alias in aliases:
        if aliases.count(alias) > 1:
            refuse(cls.__qualname__, f"two attributes are given as {alias!r}.")
    hints = _resolved_annotations(cls)
    return [
        field
        if field.inherited  # type: ignore[attr-defined]  # missing in its stubs
        else _compile(cls, field, hints[field.name])
        for field in fields
    ]


def _resolved_annotations(cls: type) -> dict[str, Any]:
    hints = dict(inspect.get_annotations(cls))
    if not any(isinstance(hint, str) for hint in hints.values()):
        return hints
    frame = class_statement()
    names = _names_around(frame)
    for name, hint in hints.items():
        if isinstance(hint, str):
            try:
                # The annotation is its author's code, evaluated as Python would.
                hints[name] = eval(hint, frame.f_globals, names)  # noqa: S307
            except Exception as error:  # noqa: BLE001 - whatever it raises is refused
                refuse(
                    cls.__qualname__,
                    f"annotation {hint!r} of {name!r} cannot be resolved ({error}). "
                    f"Import what it names outside of 'if TYPE_CHECKING'.",
                )
    return hints


def _names_around(frame: FrameType) -> dict[str, Any]:
    """Give the names of a class body and of the bodies written around it."""
    if frame.f_locals is frame.f_globals:
        return {}
    outer = frame.f_back
    around = "" if outer is None else f"{outer.f_code.co_qualname}."
    # A caller's names are not ours: only what the source has around the class counts.
    if outer is None or not frame.f_code.co_qualname.startswith(around):
        return dict(frame.f_locals)
    return {**_names_around(outer), **frame.f_locals}


def _compile(cls: type, field: Field[Any], hint: Any) -> Field[Any]:
    try:
        check = compile_check(hint)
    except UncheckableAnnotation as error:
        refuse(cls.__qualname__, f"attribute {field.name!r}: {error}.")
    kept = attrs.evolve(declared(field), check=check, annotation=annotation_name(hint))
    field = field.evolve(
        type=hint,
        metadata={**field.metadata, _KEY: kept},
        validator=_checker(kept),
    )
    _refuse_bad_default(cls, field)
    return field


def _refuse_bad_default(cls: type, field: Field[Any]) -> None:
    default: Any = field.default
    if default is attrs.NOTHING or isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return
    if type(default).__hash__ is None:
        refuse(
            cls.__qualname__,
            f"attribute {field.name!r} has a mutable default, which all runs would "
            f"share. Write factory={type(default).__name__}.",
        )
    if field.converter is None:
        for problem in problems_of(field, _NothingSet(), default):
            refuse(cls.__qualname__, f"the default of {problem}.")


class _NothingSet:
    """Stands for the instance where a validator is asked about a default alone."""

    def __getattr__(self, name: str) -> Any:
        raise UnsetAttribute("inputs", name)


class Refused(ValueError):
    """A value was refused. What is wrong with it, :func:`problems_of` finds out."""


def _checker(kept: Declared) -> Callable[[Any, Field[Any], Any], None]:
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


def checks_type_only(kept: Declared) -> bool:
    """Tell whether the type of a value decides alone whether it is accepted."""
    return kept.validator is None and not kept.must


def problems_of(field: Field[Any], instance: Any, value: Any) -> list[InputProblem]:
    """Give everything that is wrong with a value given for a field, or set."""
    value, problems = _typed(field, value)
    return problems or _broken_rules(field, instance, value)


def problems_with(
    cls: Any,
    given: Mapping[str, Any],
    found: Mapping[str, list[InputProblem]] | None = None,
) -> list[InputProblem]:
    """
    Give everything that is wrong with what was, or was not, given for inputs.

    :param cls: the class of inputs.
    :param given: values by the names under which callers give them.
    :param found: for values that are not in ``given``, what is known to be wrong.
    """
    fields = by_given_name(cls)
    problems = dict(found or {})
    # Validators may look at other attributes: here, at those of the right type.
    trial = object.__new__(cls)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in problems:
            value, problems[name] = _given(field, given)
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
    field: Field[Any], given: Mapping[str, Any]
) -> tuple[Any, list[InputProblem]]:
    path = field.alias or field.name
    if path in given:
        return _typed(field, given[path])
    if field.default is not attrs.NOTHING:
        return _typed(field, maker(field.default)())
    annotation = declared(field).annotation
    return None, [InputProblem(path, "missing", f"is missing ({annotation})")]


def maker(default: Any) -> Callable[[], Any]:
    """Give what makes a default anew for each run."""
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return default.factory  # type: ignore[no-any-return]
    return lambda: default


def _typed(field: Field[Any], value: Any) -> tuple[Any, list[InputProblem]]:
    """Convert a value, and look at its type; give it converted, and what is wrong."""
    path = field.alias or field.name
    kept = declared(field)
    if field.converter is not None:
        try:
            value = field.converter(value)  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001 - a converter may raise as it likes
            shown = (
                f"{got(value)}: {said(error)}" if not kept.sensitive else _masked(value)
            )
            reason = f"cannot be converted to {kept.annotation}, got {shown}"
            return value, [InputProblem(path, "invalid", reason)]
    if kept.check.accepts(value):
        return value, []
    if kept.sensitive:
        return value, [masked_problem(field, value)]
    return value, list(islice(kept.check.problems(value, path), MAX_PROBLEMS))


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
        except Exception as error:  # noqa: BLE001 - a validator may raise as it likes
            why = MASK if kept.sensitive else said(error)
            found.append(InputProblem(path, "invalid", f"is refused: {why}"))
    shown = _masked(value) if kept.sensitive else got(value)
    return found + [
        InputProblem(path, "invalid", f"{sentence}, got {shown}")
        for sentence, holds in kept.must.items()
        if not holds(value)
    ]
