"""The inputs and outputs of a service as JSON Schema."""

from __future__ import annotations

import re
import types
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from inspect import isclass
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
)
from uuid import UUID

import attrs
from cattrs import cols

from services.fields import declared
from services.records import hints_of, is_record, parts_of
from services.typecheck import unwrapped
from services.wording import annotation_name

if TYPE_CHECKING:
    from services.definition import Definition

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_GIVEN: Final[dict[Any, Schema]] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    str: {"type": "string"},
    types.NoneType: {"type": "null"},
    Decimal: {"type": "string", "pattern": r"^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?$"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    time: {"type": "string", "format": "time"},
    UUID: {"type": "string", "format": "uuid"},
}
_TAKEN: Final[dict[Any, Schema]] = {
    **_GIVEN,
    Decimal: {"anyOf": [_GIVEN[Decimal], {"type": "integer"}]},
}


def json_schema(definition: Definition) -> dict[str, Schema]:
    """
    Give what ``inputs.structure`` takes and ``unstructure`` gives, as JSON Schema.

    Types, defaults, names and ``doc`` are in it; rules that are Python (``must``,
    validators, converters) and :class:`services.Limits` are not. What data cannot
    express, a model instance for example, is a schema that nothing fits.

    :returns: two schemas of draft 2020-12, under ``inputs`` and ``outputs``.

    .. versionadded:: 0.1
    """
    name = definition.name
    return {
        "inputs": _whole(definition.inputs, f"{name} inputs", _Writer(_TAKEN)),
        "outputs": _whole(definition.outputs, f"{name} outputs", _Writer(_GIVEN)),
    }


def _whole(layer: Any, title: str, writer: _Writer) -> Schema:
    schema = {"$schema": DIALECT, "title": title, **writer.properties(layer)}
    return {**schema, "$defs": writer.found} if writer.found else schema


class _Writer:
    """Writes one schema; classes within it are written once, under their names."""

    def __init__(self, scalars: dict[Any, Schema]) -> None:
        self.scalars = scalars
        self.found: dict[str, Schema] = {}
        self.names: dict[Any, str] = {}

    def properties(self, cls: Any) -> Schema:
        hints = hints_of(cls) if cls in self.names else {}
        fields = parts_of(cls)
        schema: Schema = {
            "type": "object",
            "properties": {
                each.alias: self.described(each, hints.get(each.name, each.type))
                for each in fields
            },
            "additionalProperties": False,
        }
        required = [each.alias for each in fields if each.default is attrs.NOTHING]
        return {**schema, "required": required} if required else schema

    def described(self, each: Any, annotation: Any) -> Schema:
        kept = declared(each)
        schema = dict(self.schema(annotation))
        if kept.doc:
            schema["description"] = kept.doc
        if kept.sensitive:
            schema["writeOnly"] = True
        elif isinstance(each.default, str | int | float | types.NoneType):
            schema["default"] = each.default
        return schema

    def schema(self, annotation: Any) -> Schema:
        annotation = unwrapped(annotation)
        if annotation in (Any, object) or isinstance(annotation, str | TypeVar):
            return {}
        if annotation is None or annotation in self.scalars:
            return dict(self.scalars[annotation or types.NoneType])
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin in (Union, types.UnionType):
            return self.union(arguments)
        if origin is Literal or (isclass(annotation) and issubclass(annotation, Enum)):
            values = arguments or annotation
            return {"enum": [getattr(each, "value", each) for each in values]}
        if is_record(annotation):
            return self.reference(annotation)
        return self.container(annotation, origin, arguments)

    def container(self, annotation: Any, origin: Any, arguments: Any) -> Schema:
        if origin is tuple and arguments[1:] != (...,):
            return {
                "type": "array",
                "prefixItems": [self.schema(each) for each in arguments],
                "items": False,
                "minItems": len(arguments),
            }
        if cols.is_mapping(annotation):
            value = self.schema(arguments[1]) if arguments else {}
            return {"type": "object", "additionalProperties": value}
        if (
            origin is tuple
            or cols.is_sequence(annotation)
            or cols.is_any_set(annotation)
        ):
            item = self.schema(arguments[0]) if arguments else {}
            return {"type": "array", "items": item}
        return {"not": {}, "$comment": f"{annotation_name(annotation)} is no data"}

    def union(self, members: Any) -> Schema:
        written = [self.schema(each) for each in members]
        # Beside others, a member that nothing fits says nothing.
        fitting = [each for each in written if "not" not in each] or written
        return fitting[0] if len(fitting) == 1 else {"anyOf": fitting}

    def reference(self, cls: Any) -> Schema:
        if cls not in self.names:
            name = plain = re.sub(r"\W+", "_", annotation_name(cls)).strip("_")
            count = 1
            while name in self.names.values():
                count += 1
                name = f"{plain}{count}"
            self.names[cls] = name
            self.found[name] = self.properties(cls)
        return {"$ref": f"#/$defs/{self.names[cls]}"}
