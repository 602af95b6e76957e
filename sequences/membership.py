"""What tells, beside its number, which part of a series a document belongs to."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, DateTimeField, TextField

from sequences.errors import InvalidSequence
from sequences.fields import NumberField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model, QuerySet

    from sequences.definitions import Sequence
    from sequences.documents import Documents
    from sequences.periods import Calendar, Period
    from sequences.printing import Printing


def number_field(sequence: Sequence) -> NumberField | None:
    """
    Give the field of its numbers, if it divides documents as the sequence does.

    :raises InvalidSequence: if the column does not exist.
    """
    documents = sequence.documents()
    field: Any = documents.model._meta.get_field(documents.field)
    if not isinstance(field, NumberField):
        return None
    # It may have been declared for another sequence.
    return field if _divided_by(field.sequence) == _divided_by(sequence) else None


def stored_part(sequence: Sequence) -> Mapping[str, str] | None:
    """
    Give what is stored of a part beside its numbers, by field.

    Nothing, where the numbers themselves tell; None, where nothing does.

    :raises InvalidSequence: if the column does not exist.
    """
    printing, place = sequence.printing, sequence.place
    if printing is None or printing.only_place is not None:
        return {}
    if place is not None and is_text(sequence.documents()) and _shows_part(printing):
        return {}
    field = number_field(sequence)
    if place is None or field is None or field.part is None:
        return None
    return dict(zip(field.part, place.keys, strict=True))


def documents_of(sequence: Sequence, using: str) -> QuerySet[Model]:
    """
    Give the documents of a sequence, or of a part, that have a number.

    Of a part of which nothing tells, they are the documents of all.

    :raises InvalidSequence: if the column does not exist.
    """
    documents = sequence.documents().model._base_manager.using(using)
    return documents.filter(**(stored_part(sequence) or {}))


def telling_field(sequence: Sequence) -> NumberField:
    """
    Give the field of its numbers, beside which stands what tells their part.

    :raises InvalidSequence: if there is no such field.
    """
    field = number_field(sequence)
    if field is None or field.part is None:
        apart = sequence.printing.apart if sequence.printing else ""
        raise InvalidSequence(
            sequence.sequence_name,
            f"it counts by {apart}, and nothing beside {sequence.column!r} tells where "
            f"a document is counted. Make that a NumberField of the series, with the "
            f"fields of the date, the period and the scope.",
        )
    return field


def require_told(sequence: Sequence) -> None:
    """
    Refuse a part of a series of which nothing tells which documents belong to it.

    :raises InvalidSequence: if it is one.
    """
    if sequence.place is not None and sequence.place.keys:
        telling_field(sequence)


def scope_in(sequence: Sequence) -> dict[str, str]:
    """
    Give the scope of a part, by the fields that hold it.

    :raises InvalidSequence: if nothing tells the part of a document.
    """
    values = () if sequence.place is None else sequence.place.values
    return {telling_field(sequence).scope[name]: value for name, value in values}


def belonging(sequence: Sequence) -> dict[str, Any]:
    """
    Give how to find the documents of a part that have no number yet: by their dates.

    :raises InvalidSequence: if nothing tells the part of a document.
    """
    found: dict[str, Any] = dict(scope_in(sequence))
    period = None if sequence.place is None else sequence.place.period
    if period is not None and sequence.printing and sequence.printing.calendar:
        on, model = telling_field(sequence).on, sequence.documents().model
        dated: Any = model._meta.get_field(on or "")
        if isinstance(dated, DateTimeField):
            begin, end = _moments(period, sequence.printing.calendar)
            found |= {f"{on}__gte": begin, f"{on}__lt": end}
        else:
            found[f"{on}__range"] = (period.first, period.last)
    return found


def is_text(documents: Documents) -> bool:
    """Tell whether what is stored is not the number but what it prints."""
    field: Any = documents.model._meta.get_field(documents.field)
    return isinstance(field, CharField | TextField)


def _shows_part(printing: Printing) -> bool:
    """Tell whether the text of a number tells its part, which shows its period."""
    return printing.format is not None and not printing.format.hidden


def _divided_by(sequence: Sequence) -> tuple[Calendar | None, tuple[str, ...]]:
    printing = sequence.printing
    return (None, ()) if printing is None else (printing.calendar, printing.scope)


def _moments(period: Period, calendar: Calendar) -> tuple[datetime, datetime]:
    """Give the moment at which a period begins, and the one at which it is over."""
    zone = ZoneInfo(calendar.timezone or "UTC")  # without one, no moment has a date
    after = period.last + timedelta(days=1)
    begin, end = (
        datetime.combine(day, time.min, tzinfo=zone) for day in (period.first, after)
    )
    return begin, end
