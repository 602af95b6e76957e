"""
One attribute of a layer: what its author declared, and the check that follows from it.

attrs keeps the facts it has words for. Ours (``doc``, ``sensitive``, ``must``, the
compiled check) travel in the field's metadata as one :class:`Declared`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from keyword import iskeyword
from typing import Any, Final, Never, TypeVar, overload

import attrs

from services.errors import DefinitionError
from services.refusal import refuse, refuse_unknown_options, takes
from services.typecheck import Check, compile_check
from services.wording import (
    got,
    without_locals,
)

T = TypeVar("T")
Must = Mapping[str, Callable[[Any], bool]]
Field = attrs.Attribute  # of anything; attrs' own class is generic to checkers only

KEY: Final = "services"
"""Where a field keeps what was declared, in its metadata."""

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
_CALLED_WITH: Final = {"factory": (), "validator": ("instance", "attribute", "value")}
_WRITE_MUST: Final = "must={'must be ...': ...}."
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
    return isinstance(value, _FROM_ATTRS) and KEY not in value.metadata


def declared(field: Field[Any]) -> Declared:
    """Give what was declared about a field of a layer."""
    kept: Declared = field.metadata.get(KEY, _PLAIN)
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
    :param converter: called once, before the check, with what was given.
    :param validator: attrs' validators, called after the type was found right:
        ``validator=attrs.validators.ge(1)``, or a list of them.
    :param must: sentences and predicates, ``{"must be in the past": is_past}``; a
        predicate that gives False, or raises, refuses the value with its sentence.
    :param doc: one line for the description.
    :param sensitive: never show the value, in no message, trace or log.
    :param alias: the name under which callers give an input, where it is not the
        attribute's own.
    :raises DefinitionError: for an option that does not exist.

    .. versionadded:: 0.1
    """
    refuse_unknown_options("attribute()", unknown, _OPTIONS)
    if must is not None and not isinstance(must, Mapping):
        found = type(must).__name__
        refuse(
            None, f"attribute(): must= is no mapping but {found}. Write {_WRITE_MUST}"
        )
    validators = validator if isinstance(validator, list | tuple) else [validator]
    for option, functions in (
        ("factory", [factory]),
        ("converter", [converter]),
        ("validator", validators),
        ("must", (must or {}).values()),
    ):
        for each in functions:
            if each is not None:
                _refuse_uncallable(option, each)
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
        metadata={KEY: kept},
    )


def _refuse_uncallable(option: str, function: Any) -> None:
    if isinstance(function, attrs.Converter):
        remedy = "Pass a function of the value."
        refuse(None, f"attribute(): {option}= is attrs' Converter. {remedy}")
    if not callable(function):
        refuse(None, f"attribute() was given {got(function)}, which cannot be called.")
    arguments = _CALLED_WITH.get(option, ("value",))
    if not takes(function, len(arguments)):
        remedy = f" For a predicate write {_WRITE_MUST}" * (option == "validator")
        shown = f"({', '.join(arguments)})"
        refuse(None, f"attribute(): {option}= must take {shown}.{remedy}")


def _refuse_outside_of_layers(instance: Any, field: Field[Any], _value: Any) -> None:
    """Stand where a layer, in the making, puts its own check."""
    reason = (
        f"attribute {field.name!r} is made by attribute(), which only Inputs, "
        f"Internals and Outputs read. Write attrs.field(...), or derive from Inputs."
    )
    raise DefinitionError(without_locals(type(instance).__qualname__), reason)


def checks_type_only(kept: Declared) -> bool:
    """Tell whether the type of a value decides alone whether it is accepted."""
    return kept.validator is None and not kept.must


def maker(default: Any) -> Callable[[], Any]:
    """Give what makes a default anew for each run."""
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return default.factory  # type: ignore[no-any-return]
    return lambda: default
