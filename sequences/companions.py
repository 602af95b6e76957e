"""What goes with a number on a document: its date and scope, its text and period."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import DecimalField

from sequences.errors import InvalidSequence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model

    from sequences.definitions import Sequence


class Companions:
    """
    The fields that go with a number, by their names.

    :ivar model: the model of the documents.
    :ivar sequence: where the numbers come from.
    :ivar on: the field of the document's date, None where none tells the period.
    :ivar scope: the fields of the values of its scope, by their names in the sequence.
    :ivar text: the field of the printed number, None where it is not stored.
    :ivar period: the field of the key of the period, likewise.
    """

    model: type[Model]
    sequence: Sequence
    on: str | None
    scope: dict[str, str]
    text: str | None
    period: str | None

    @property
    def read(self) -> list[str]:
        """The names of the fields that tell a document's part."""
        return [*filter(None, [self.on]), *self.scope.values()]

    @property
    def part(self) -> list[str] | None:
        """The fields that hold what tells a part; None if its period is not stored."""
        if self.on is not None and self.period is None:
            return None
        return [*filter(None, [self.period]), *self.scope.values()]

    @property
    def written(self) -> list[str]:
        """The names of the fields that are set with the number."""
        return [*filter(None, [self.text, self.period])]

    def part_of(self, document: Model) -> Sequence:
        """
        Give the part of the sequence that a document belongs to.

        :raises InvalidSequence: if its date or its scope does not tell.
        """
        return self.part_of_other(self.sequence, document)

    def part_of_other(self, sequence: Sequence, document: Model) -> Sequence:
        """Give the part of a sequence that counts by the same, likewise."""
        fields: Any = document._meta
        # Of a foreign key what is stored, not how its object shows itself today.
        told = {
            name: getattr(document, fields.get_field(name).attname)
            for name in self.read
        }
        if self.on is not None:
            told[self.on] = fields.get_field(self.on).to_python(told[self.on])
            if told[self.on] is None:
                reason = f"{shown(document)} has no {self.on}, which tells its period."
                raise InvalidSequence(sequence.sequence_name, reason)
        return self.part_by(sequence, told)

    def part_by(self, sequence: Sequence, told: Mapping[str, Any]) -> Sequence:
        """Give the part that the fields of the date and the scope tell, likewise."""
        scope = {name: told[at] for name, at in self.scope.items()}
        return sequence.of(
            on=None if self.on is None else told[self.on],
            # Not as somebody wrote it: '07' would be another counter than 7.
            scope={
                name: as_stored(column_of(self.model, self.scope[name]), value)
                or str(value)
                for name, value in scope.items()
                if value is not None
            },
        )

    def columns(self, part: Sequence, value: int) -> dict[str, str]:
        """Give what is stored beside a number, by the names of the fields."""
        found = {}
        if self.text is not None:
            found[self.text] = part.print(value)
        if self.period is not None and part.place and part.place.period:
            found[self.period] = part.place.period.key
        return found


def shown(document: Model) -> str:
    """Name a document without its ``__str__``, which may query."""
    kind = type(document).__name__
    return f"new {kind}" if document.pk is None else f"{kind} {document.pk}"


def column_of(model: type[Model], name: str) -> Any:
    """Give the field whose values a field holds: of a foreign key, the key."""
    field: Any = model._meta.get_field(name)
    while field.remote_field is not None:
        field = field.target_field
    return field


def as_stored(field: Any, value: str) -> str | None:
    """Write a value as it is read from its field again; None if it cannot be one."""
    try:
        found = field.to_python(value)
        if isinstance(field, DecimalField):
            found = found.quantize(Decimal(1).scaleb(-field.decimal_places))
    except (ValidationError, ArithmeticError):
        return None
    return str(found)
