"""Which counters are behind their documents, as after a restore or an import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen
from django.core.exceptions import FieldDoesNotExist
from django.db import connections
from django.db.models import IntegerField, Max

from sequences.alignment import is_told_by_highest
from sequences.counters import home_of
from sequences.errors import ITS_COUNTER, DocumentsAhead, InvalidSequence
from sequences.fields import NumberField
from sequences.ledger.columns import kinds_of, tables_of
from sequences.ledger.on_documents import with_possible_numbers
from sequences.ledger.states import state_of, states_by_part
from sequences.membership import exact_values
from sequences.printing import quoted_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sequences.definitions import Sequence


@frozen(kw_only=True)
class Behind:
    """
    A counter that is behind its documents.

    :ivar name: its name.
    :ivar stands: the last number it gave out; None if it has given out none.
    :ivar documents: the highest number on a document.
    """

    name: str
    stands: int | None
    documents: int


def require_aligned(sequence: Sequence) -> None:
    """
    Refuse to go on where documents have passed their counter, as after a restore.

    Each draw asks likewise where a constraint makes its numbers unique; this asks
    everywhere, and for all parts at once: before a shop is opened after a restore, in
    front of a run. Takes nothing, holds nothing, and may be asked in a transaction or
    without one. Reads the highest number of the documents and the counter; of a series
    with parts, all documents that have a number.

    Says nothing where the highest number tells nothing: the check ``sequences.W004``
    lists those sequences.

    :param sequence: one declared with ``column=``; a series, and not a part of it.
    :raises DocumentsAhead: for the first counter that is behind its documents.
    :raises InvalidSequence: if it names no column, or one that does not exist; if it
        is a part.

    .. versionadded:: 0.1
    """
    sequence.documents()
    if sequence.is_part:
        raise InvalidSequence(
            sequence.sequence_name,
            "it is a part of a series. Ask for the series, which tells of each part.",
        )
    for each in counters_behind(sequence):
        raise DocumentsAhead(
            each.name,
            source=ITS_COUNTER,
            stands=each.stands,
            documents=each.documents,
            by=sequence.progression.between(each.stands, each.documents),
        )


def counters_behind(sequence: Sequence) -> Iterator[Behind]:
    """
    Give the counters of a sequence that would give out numbers that exist.

    Asks for the highest number only, which an index answers; of a sequence with parts,
    where a NumberField stores the period and the scope, for the highest of each. A
    document that tells no part, which an audit finds, is behind none.
    """
    if not is_told_by_highest(sequence):
        return
    using = home_of(sequence)
    found = _highest(sequence, using)
    if not found:
        return
    stand = _counters(sequence, using)
    for name, documents in sorted(found.items()):
        last = stand.get(name)
        if last is None or last < documents:
            yield Behind(name=name, stands=last, documents=documents)


def _highest(sequence: Sequence, using: str) -> dict[str, int]:
    """Give the highest number on a document, by the name of its counter."""
    try:
        place = sequence.documents()
        field: Any = place.model._meta.get_field(place.field)
    except (LookupError, ValueError, FieldDoesNotExist):
        return {}  # another check tells
    if not isinstance(field, IntegerField):
        return {}  # a text does not tell which is the highest
    part: list[str] | None = []
    if sequence.has_parts:
        part = field.part if isinstance(field, NumberField) else None
    if part is None or not _are_there(place.model, [place.field, *part], using):
        return {}
    rows = with_possible_numbers(place.every(using), place.field, sequence)
    if not sequence.has_parts:
        highest = rows.aggregate(highest=Max(place.field))["highest"]
        return {} if highest is None else {sequence.sequence_name: highest}
    told = rows.filter(**{f"{name}__isnull": False for name in part}).order_by()
    exact = exact_values(rows, part).values()  # or the database takes 'a' for 'A'
    by_part = told.values_list(*part, *exact).annotate(Max(place.field))
    found = {}
    for *keys, top in by_part:
        own = (quoted_key(str(key)) for key in keys[: len(part)])
        found["/".join([sequence.sequence_name, *own])] = top
    return found


def _are_there(model: Any, names: list[str], using: str) -> bool:
    """Tell whether a database has some fields yet: ``migrate`` asks before it works."""
    connection = connections[using]
    try:
        fields = [model._meta.get_field(name) for name in names]
    except FieldDoesNotExist:
        return False  # another check tells
    wanted: dict[str, set[str]] = {model._meta.db_table: set()}
    for each in fields:  # some may be a parent's
        wanted.setdefault(each.model._meta.db_table, set()).add(each.column)
    return wanted.keys() <= set(tables_of(connection)) and all(
        columns <= kinds_of(connection, table).keys()
        for table, columns in wanted.items()
        if columns
    )


def _counters(sequence: Sequence, using: str) -> dict[str, int | None]:
    name = sequence.sequence_name
    if not sequence.has_parts:
        return {name: state_of(sequence, using).given_out}
    return {
        f"{name}/{part}": state.given_out
        for part, state in states_by_part(sequence, using).items()
    }
