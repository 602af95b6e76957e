"""A NumberField among columns that do not go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004

from sequences.checks.hints import hint_at
from sequences.fields import NumberField

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence as Messages


def check_number_fields(**_: Any) -> Messages[CheckMessage]:
    """E004, E005, W003, W005: a NumberField among columns that do not go with it."""
    return [
        message
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, NumberField)
        for check in (_check_number_field, _check_text, _check_own_column)
        for message in check(model, field)
    ]


def _check_text(model: Any, field: NumberField) -> Iterable[CheckMessage]:
    printing = field.sequence.printing
    printed = None if printing is None else printing.format
    columns = {each.name: each for each in model._meta.concrete_fields}
    if printed is None or field.text not in columns:
        return
    width = columns[field.text].max_length
    if width is not None and width < printed.shortest:
        yield Error(
            f"{model._meta.label}.{field.text} takes {width} characters, and "
            f"{printed.template!r} prints {printed.shortest} at the least.",
            hint=hint_at(
                "sequences.E005", f"Give it max_length={printed.shortest} or more."
            ),
            obj=model,
            id="sequences.E005",
        )


def _check_own_column(model: Any, field: NumberField) -> Iterable[CheckMessage]:
    own = {field.name, field.attname, field.text}
    named = [f"{model._meta.label}.{name}".lower() for name in own]
    column = field.sequence.column
    if column is not None and column.lower() not in named:
        yield Warning(
            f"{model._meta.label}.{field.name} has the numbers of sequence "
            f"{field.sequence.sequence_name!r}, whose column is {column!r}.",
            hint=hint_at(
                "sequences.W005",
                "Name the same field in both, or give each a sequence of its own: "
                "audits look at one column.",
            ),
            obj=model,
            id="sequences.W005",
        )


def _check_number_field(model: Any, field: NumberField) -> Iterable[CheckMessage]:
    fields = model._meta.concrete_fields
    at = fields.index(field)
    above, below = (
        {name for each in part for name in (each.name, each.attname)}
        for part in (fields[:at], fields[at + 1 :])
    )
    wrong = {
        **{name: ("reads", "above") for name in field.read if name not in above},
        **{name: ("sets", "below") for name in field.written if name not in below},
    }
    for name, (deed, place) in wrong.items():
        yield Error(
            f"{model._meta.label}.{field.name} {deed} {name!r}, which is no field "
            f"{place} it.",
            hint=hint_at(
                "sequences.E004",
                "Name a field of the model. Declare the date and the scope above the "
                "number, its text and its period below.",
            ),
            obj=model,
            id="sequences.E004",
        )
    if not _is_unique(model, {field.name, field.text}):
        yield Warning(
            f"Nothing in the database keeps {model._meta.label}.{field.name} from "
            f"being on two documents.",
            hint=hint_at(
                "sequences.W003",
                "Add unique=True to it or to its text, or a UniqueConstraint on the "
                "number with its period and scope.",
            ),
            obj=model,
            id="sequences.W003",
        )


def _is_unique(model: Any, names: set[str | None]) -> bool:
    meta = model._meta
    alone = any(each.unique and each.name in names for each in meta.concrete_fields)
    constrained = [each.fields for each in meta.total_unique_constraints]
    return alone or any(
        names.intersection(fields) for fields in (*constrained, *meta.unique_together)
    )
