"""Whether the documents of sequences are found, and where their counters are."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004
from django.db import connections, router

from sequences.checks.hints import hint_at
from sequences.counters import home_of
from sequences.errors import InvalidSequence
from sequences.guarantees import Guarantee
from sequences.ledger.realigning import Behind, counters_behind
from sequences.membership import telling_field
from sequences.registry import sequences_with_documents

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence as Messages

    from sequences.definitions import Sequence


def check_documents(**_: Any) -> Messages[CheckMessage]:
    """E002, E003, E006, E007: documents that are not found, or counted elsewhere."""
    return [
        message
        for sequence in sequences_with_documents()
        for check in (_check_column, _check_name)
        for message in check(sequence)
    ]


def _check_column(sequence: Sequence) -> Iterable[CheckMessage]:
    try:
        model = sequence.documents().model
    except Exception:  # noqa: BLE001 - no app, no model, no field: all the same here
        yield Error(
            f"Sequence {sequence.sequence_name!r} names a column that does not exist: "
            f"{sequence.column!r}.",
            hint=hint_at("sequences.E002", "Write it as 'app.Model.field'."),
            id="sequences.E002",
        )
        return
    documents = router.db_for_write(model)
    counter = home_of(sequence)
    if counter not in connections:
        yield Error(
            f"Sequence {sequence.sequence_name!r} is counted on database {counter!r}, "
            f"which is none of DATABASES.",
            hint=hint_at(
                "sequences.E003",
                f"Declare it with using={documents!r}, where its documents are.",
            ),
            id="sequences.E003",
        )
        return
    if counter != documents:
        yield Error(
            f"Sequence {sequence.sequence_name!r} is counted on database {counter!r}, "
            f"but {model._meta.label} is written to {documents!r}: no transaction "
            f"spans both, so numbers can be lost.",
            hint=hint_at(
                "sequences.E003",
                f"Declare it with using={documents!r}, and let the routers migrate "
                f"'sequences' there.",
            ),
            id="sequences.E003",
        )
    yield from _check_parts(sequence)


def _check_parts(sequence: Sequence) -> Iterable[CheckMessage]:
    if not sequence.has_parts or not _finds_documents(sequence):
        return
    try:
        telling_field(sequence)
    except InvalidSequence as error:
        reason, _, remedy = error.reason.partition(". ")
        yield Error(
            f"Sequence {sequence.sequence_name!r} is {sequence.guarantee.name}: "
            f"{reason}.",
            hint=hint_at("sequences.E006", remedy),
            id="sequences.E006",
        )


def _finds_documents(sequence: Sequence) -> bool:
    """Tell whether it looks for the documents of one part of a series."""
    if sequence.guarantee is not Guarantee.POOLED:
        return sequence.guarantee is Guarantee.GROUPED
    using = home_of(sequence)
    return using in connections and connections[using].vendor == "postgresql"


def _check_name(sequence: Sequence) -> Iterable[CheckMessage]:
    for series in sequences_with_documents():
        if not series.has_parts or home_of(series) != home_of(sequence):
            continue
        try:
            series.part_called(sequence.sequence_name)
        except InvalidSequence:
            continue
        yield Error(
            f"Sequence {sequence.sequence_name!r} is called like a part of sequence "
            f"{series.sequence_name!r}, and shares its counter.",
            hint=hint_at("sequences.E007", "Give one of them another name."),
            id="sequences.E007",
        )


def check_counters(
    *, databases: Iterable[str] | None = None, **_: Any
) -> Messages[CheckMessage]:
    """W004: counters behind their documents; asks the database, so only if told to."""
    return [
        Warning(
            f"Sequence {each.name!r} {_stands(each.stands)}, and documents have its "
            f"numbers up to {each.documents}: it would give out numbers that exist.",
            hint=hint_at("sequences.W004", _way_forward(sequence, each)),
            id="sequences.W004",
        )
        for alias in databases or ()
        for sequence in sequences_with_documents()
        if home_of(sequence) == alias
        for each in counters_behind(sequence)
    ]


def _way_forward(sequence: Sequence, behind: Behind) -> str:
    if sequence.guarantee is Guarantee.POOLED:
        return (
            "Declare it under another name, and run AdoptNumbers before its first "
            "number is claimed: a pool that has begun cannot be moved."
        )
    name = quote(behind.name)
    return (
        f"Run AdoptNumbers, or 'python manage.py set_sequence {name} "
        f"{behind.documents}'."
    )


def _stands(last: int | None) -> str:
    return "has given out none" if last is None else f"stands at {last}"
