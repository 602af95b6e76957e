"""What tells, beside its number, which part of a series a document belongs to."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.db import connections
from django.db.models import CharField, DateTimeField, Func, TextField, Value
from django.utils import timezone

from sequences.companions import as_stored, column_of
from sequences.counters import home_of
from sequences.errors import InvalidSequence
from sequences.fields import NumberField
from services.wording import short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Model, QuerySet

    from sequences.definitions import Sequence
    from sequences.documents import Documents
    from sequences.periods import Calendar, Period
    from sequences.printing import Printing

_EXACT: Final = {
    "mysql": "HEX(CONVERT(%(expressions)s USING utf8mb4))",
    "postgresql": '%(expressions)s COLLATE "C"',
    "sqlite": "%(expressions)s COLLATE BINARY",
}
"""How each database is told that each character is itself."""


def field_of(sequence: Sequence) -> NumberField | None:
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


def stored_part(sequence: Sequence) -> dict[str, str] | None:
    """
    Give what is stored of a part beside its numbers, by field.

    Nothing, where the numbers themselves tell; None, where nothing does.

    :raises InvalidSequence: if the column does not exist, or its scope is written in
        another way than in its documents.
    """
    printing, place = sequence.printing, sequence.place
    if printing is None or printing.only_place is not None:
        return {}
    if place is not None and is_text(sequence.documents()) and _shows_part(printing):
        return {}
    field = field_of(sequence)
    if place is None or field is None or field.part is None:
        return None
    scope_in(sequence)
    return dict(zip(field.part, place.keys, strict=True))


def documents_of(sequence: Sequence, using: str) -> QuerySet[Model]:
    """
    Give the documents of a sequence, or of a part, that have a number.

    Of a part of which nothing tells, they are the documents of all.

    :raises InvalidSequence: if the column does not exist.
    """
    documents = sequence.documents().every(using)
    return exactly(documents, stored_part(sequence) or {})


def telling_field(sequence: Sequence) -> NumberField:
    """
    Give the field of its numbers, beside which stands what tells their part.

    :raises InvalidSequence: if there is no such field.
    """
    field = field_of(sequence)
    if field is None or field.part is None:
        raise InvalidSequence(
            sequence.sequence_name,
            f"it counts by {sequence.apart}, and nothing beside {sequence.column!r} "
            f"tells where a document is counted. Make that a NumberField of the "
            f"series, with the fields of the date, the period and the scope.",
        )
    return field


def require_told(sequence: Sequence) -> None:
    """
    Refuse a part of a series of which nothing tells which documents belong to it.

    :raises InvalidSequence: if it is one, or its scope is written in another way than
        in its documents.
    """
    if sequence.is_part:
        telling_field(sequence)
        scope_in(sequence)


def require_numbers(sequence: Sequence) -> None:
    """
    Refuse a sequence whose documents hold the text of a number in place of it.

    :raises InvalidSequence: if it is one.
    """
    if is_text(sequence.documents()):
        raise InvalidSequence(
            sequence.sequence_name,
            f"it is declared as {sequence.guarantee.name}, and {sequence.column!r} "
            f"holds text. Declare the column of the number itself.",
        )


def scope_in(sequence: Sequence) -> dict[str, str]:
    """
    Give the scope of a part, by the fields that hold it.

    :raises InvalidSequence: if nothing tells the part of a document, or if a value is
        written in another way than theirs: its counter would be another one.
    """
    values = () if sequence.place is None else sequence.place.values
    found = {}
    for name, value in values:
        at = telling_field(sequence).scope[name]
        written = as_stored(column_of(sequence.documents().model, at), value)
        if written != value:
            said = f"is written {short(written)} there" if written else "can be none"
            raise InvalidSequence(
                sequence.sequence_name,
                f"its documents hold the {name} in {at!r}, and {short(value)} {said}.",
            )
        found[at] = value
    return found


def waiting(sequence: Sequence, pending: QuerySet[Any]) -> QuerySet[Any]:
    """
    Give those documents of a series, or of a part, that have no number: by their dates.

    :raises InvalidSequence: if it is a part, and nothing tells that of a document.
    """
    found = pending.using(home_of(sequence)).filter(
        **{f"{sequence.documents().field}__isnull": True}, **_dates_of(sequence)
    )
    found.query.select_for_update = False  # what is locked, and when, is our concern
    return exactly(found, scope_in(sequence))


def exactly(documents: QuerySet[Any], values: Mapping[str, str]) -> QuerySet[Any]:
    """Give the documents with some values: also where capitals are small letters."""
    found = documents.filter(**values)
    for name, exact in exact_values(documents, values).items():
        same = Func(Value(values[name]), template=exact.extra["template"])
        found = found.alias(**{f"exact_{name}": exact}).filter(
            **{f"exact_{name}": same}
        )
    return found


def exact_values(documents: QuerySet[Any], names: Iterable[str]) -> dict[str, Any]:
    """Give the values that tell the characters of some fields, where these do not."""
    vendor = connections[documents.db].vendor
    found: dict[str, Any] = {}
    for name in names:
        field = column_of(documents.model, name)
        if (
            vendor in _EXACT
            and _holds_text(field)
            and (field.db_collation or vendor == "mysql")
        ):
            told = TextField()
            found[name] = Func(name, template=_EXACT[vendor], output_field=told)
    return found


def _dates_of(sequence: Sequence) -> dict[str, Any]:
    """Give how to find the documents of a part by their dates."""
    period = None if sequence.place is None else sequence.place.period
    calendar = None if sequence.printing is None else sequence.printing.calendar
    if period is None or calendar is None:
        return {}
    on, model = telling_field(sequence).on, sequence.documents().model
    dated: Any = model._meta.get_field(on or "")
    if not isinstance(dated, DateTimeField):
        return {f"{on}__range": (period.first, period.last)}
    try:
        calendar.day_of(timezone.now())
    except ValueError as error:  # no moment of this project has a date
        raise InvalidSequence(sequence.sequence_name, str(error)) from error
    begin, end = _moments(period, ZoneInfo(calendar.timezone or ""))
    return {f"{on}__gte": begin, f"{on}__lt": end}


def is_text(documents: Documents) -> bool:
    """Tell whether what is stored is not the number but what it prints."""
    return _holds_text(documents.model._meta.get_field(documents.field))


def _holds_text(field: object) -> bool:
    return isinstance(field, CharField | TextField)


def _shows_part(printing: Printing) -> bool:
    """Tell whether the text of a number tells its part, which shows its period."""
    return printing.format is not None and not printing.format.hidden


def _divided_by(sequence: Sequence) -> tuple[Calendar | None, tuple[str, ...]]:
    printing = sequence.printing
    return (None, ()) if printing is None else (printing.calendar, printing.scope)


def _moments(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the moment at which a period begins, and the one at which it is over."""
    after = period.last + timedelta(days=1)
    begin, end = (
        datetime.combine(day, time.min, tzinfo=zone) for day in (period.first, after)
    )
    return begin, end
