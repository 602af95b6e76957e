"""A class of attributes in the making: annotations resolved, checks compiled."""

from __future__ import annotations

import builtins
import inspect
from types import FrameType
from typing import Any

import attrs

from services.checks import checker, explained, problems_of
from services.errors import UnsetAttribute
from services.fields import KEY, Field, declared
from services.refusal import class_statement, refuse
from services.typecheck import UncheckableAnnotation, compile_check
from services.wording import annotation_name, did_you_mean


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
    names = {**_names_around(frame), **_classes_in(cls)}
    for name, hint in hints.items():
        if isinstance(hint, str):
            try:
                # The annotation is its author's code, evaluated as Python would.
                hints[name] = eval(hint, frame.f_globals, names)  # noqa: S307
            except Exception as error:  # noqa: BLE001 - whatever it raises is refused
                remedy = ""
                if isinstance(error, NameError):
                    known = {**_classes_in(builtins), **frame.f_globals, **names}
                    remedy = did_you_mean(error.name or "", known) or (
                        " Define or import it above the class, outside of "
                        "'if TYPE_CHECKING'."
                    )
                reason = f"annotation {hint!r} of {name!r} cannot be resolved ({error})"
                refuse(cls.__qualname__, f"{reason}.{remedy}")
    return hints


def _classes_in(owner: Any) -> dict[str, Any]:
    return {name: each for name, each in vars(owner).items() if inspect.isclass(each)}


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
        metadata={**field.metadata, KEY: kept},
        validator=checker(kept),
    )
    if field.converter is not None:
        field = field.evolve(converter=explained(field))
    _refuse_bad_default(cls, field)
    return field


def _refuse_bad_default(cls: type, field: Field[Any]) -> None:
    default: Any = field.default
    if default is attrs.NOTHING or isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return
    try:
        hash(default)
    except TypeError:
        kind = type(default).__name__
        is_empty = isinstance(default, list | dict | set) and not default
        factory = kind if is_empty else f"lambda: {kind}(...)"
        refuse(
            cls.__qualname__,
            f"attribute {field.name!r} has a mutable default, which all runs would "
            f"share. Write factory={factory}.",
        )
    if field.converter is None:
        for problem in problems_of(field, _NothingSet(), default):
            refuse(cls.__qualname__, f"the default of {problem}.")


class _NothingSet:
    """Stands for the instance where a validator is asked about a default alone."""

    def __getattr__(self, name: str) -> Any:
        raise UnsetAttribute("inputs", name)
