"""Classes of data within data: those made by attrs, and Python's own dataclasses."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args, get_origin, get_type_hints

import attrs


@attrs.frozen(kw_only=True)
class Part:
    """One field of a dataclass, in the words that attrs has for its own."""

    name: str
    type: Any
    default: Any
    metadata: Any

    @property
    def alias(self) -> str:
        """The name under which it is given: its own."""
        return self.name


def is_record(annotation: Any) -> bool:
    """Tell whether an annotation is a class of data, perhaps a generic one."""
    cls = get_origin(annotation) or annotation
    return isinstance(cls, type) and (attrs.has(cls) or dataclasses.is_dataclass(cls))


def parts_of(record: Any) -> list[Any]:
    """Give the fields that are given when a record is made."""
    cls = get_origin(record) or record
    if attrs.has(cls):
        return [field for field in attrs.fields(cls) if field.init]
    return [
        Part(
            name=field.name,
            type=field.type,
            default=_default_of(field),
            metadata=field.metadata,
        )
        for field in dataclasses.fields(cls)
        if field.init
    ]


def _default_of(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return attrs.Factory(field.default_factory)
    return attrs.NOTHING if field.default is dataclasses.MISSING else field.default


def hints_of(cls: Any) -> dict[str, Any]:
    """Give the annotations of a class of data, its type variables filled in."""
    origin = get_origin(cls) or cls
    try:
        hints = get_type_hints(origin)
    except NameError:  # imported for type checkers only: nothing is known of it
        return {}
    given = dict(
        zip(getattr(origin, "__parameters__", ()), get_args(cls), strict=False)
    )
    for name, hint in hints.items():
        inner = getattr(hint, "__parameters__", ())
        if hint in given:
            hints[name] = given[hint]
        elif inner and all(each in given for each in inner):
            hints[name] = hint[tuple(given[each] for each in inner)]
    return hints
