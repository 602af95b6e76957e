"""System checks: what would go wrong later, told when the project starts."""

from __future__ import annotations

from importlib import metadata
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.core import checks
from django.core.checks import CheckMessage, Error, Info, Warning  # noqa: A004
from django.db import connections, router

from sequences.counters import home_of
from sequences.counters.base import counter_model
from sequences.definitions import Sequence
from sequences.errors import InvalidSequence
from sequences.fields import NumberField
from sequences.guarantees import Guarantee
from sequences.ledger.realigning import counters_behind, names_by_column
from sequences.membership import telling_field
from sequences.registry import sequences_with_documents

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence as Messages

DOCS: Final = "See docs/reference/checks.md#{anchor}."

# Levels at which a transaction is ended instead of waiting for another.
_RETRIED_LEVELS: Final = {
    "postgresql": {"REPEATABLE READ", "SERIALIZABLE"},
    "mysql": {"SERIALIZABLE"},
}

# Which look for the documents of one part of a series.
_FINDING_DOCUMENTS: Final = {Guarantee.GROUPED, Guarantee.POOLED}


def _hint(check_id: str, remedy: str) -> str:
    return f"{remedy} {DOCS.format(anchor=check_id.replace('.', '-').lower())}"


def check_distribution(**_: Any) -> Messages[CheckMessage]:
    """E001: django-sequences is installed beside this, under the same import name."""
    try:
        metadata.distribution("django-sequences")
    except metadata.PackageNotFoundError:
        return []
    return [
        Error(
            "django-sequences is installed beside django-seriatim, and both are "
            "imported as 'sequences'.",
            hint=_hint(
                "sequences.E001",
                "Run 'pip uninstall django-sequences', then reinstall django-seriatim.",
            ),
            id="sequences.E001",
        )
    ]


def check_documents(**_: Any) -> Messages[CheckMessage]:
    """E002, E003, E006: documents that are not found, or not with their counter."""
    return [
        message
        for sequence in sequences_with_documents()
        for check in (_check_column, _check_parts)
        for message in check(sequence)
    ]


def _check_column(sequence: Sequence) -> Iterable[CheckMessage]:
    try:
        model = sequence.documents().model
    except Exception:  # noqa: BLE001 - no app, no model, no field: all the same here
        yield Error(
            f"Sequence {sequence.sequence_name!r} names a column that does not exist: "
            f"{sequence.column!r}.",
            hint=_hint("sequences.E002", "Write it as 'app.Model.field'."),
            id="sequences.E002",
        )
        return
    documents = router.db_for_write(model)
    counter = home_of(sequence)
    if counter != documents:
        yield Error(
            f"Sequence {sequence.sequence_name!r} is counted on database {counter!r}, "
            f"but {model._meta.label} is written to {documents!r}: no transaction "
            f"spans both, so numbers can be lost.",
            hint=_hint(
                "sequences.E003",
                f"Declare it with using={documents!r}, and let the routers migrate "
                f"'sequences' there.",
            ),
            id="sequences.E003",
        )


def _check_parts(sequence: Sequence) -> Iterable[CheckMessage]:
    if not sequence.has_parts or sequence.guarantee not in _FINDING_DOCUMENTS:
        return
    try:
        telling_field(sequence)
    except InvalidSequence as error:
        reason, remedy = error.reason.split(". ", 1)
        yield Error(
            f"Sequence {sequence.sequence_name!r} is {sequence.guarantee.name}: "
            f"{reason}.",
            hint=_hint("sequences.E006", remedy),
            id="sequences.E006",
        )
    except Exception:  # noqa: BLE001 - E002 tells
        return


def check_databases(
    *, databases: Iterable[str] | None = None, **_: Any
) -> Messages[CheckMessage]:
    """W001, W002, I001: settings of a database under which numbers cost more care."""
    return [
        message
        for alias in databases or connections
        if router.allow_migrate_model(alias, counter_model())
        for message in _check_database(alias)
    ]


def _check_database(alias: str) -> Iterable[CheckMessage]:
    connection = connections[alias]
    options = connection.settings_dict.get("OPTIONS", {})
    if connection.vendor == "sqlite" and (
        str(options.get("transaction_mode", "")).upper()
        not in ("IMMEDIATE", "EXCLUSIVE")
    ):
        yield Warning(
            f"Transactions on SQLite database {alias!r} begin as readers. Two that "
            f"take a number at once fail with 'database is locked'.",
            hint=_hint(
                "sequences.W001",
                f"Set DATABASES[{alias!r}]['OPTIONS']['transaction_mode'] = "
                f"'IMMEDIATE'.",
            ),
            id="sequences.W001",
        )
    level = _isolation_level(connection.vendor, options.get("isolation_level"))
    if level in _RETRIED_LEVELS.get(connection.vendor, ()):
        yield Warning(
            f"On database {alias!r} transactions run at {level}, where one that takes "
            f"a number after another did is ended by the database.",
            hint=_hint(
                "sequences.W002",
                "Wrap the outermost transaction in sequences.retry_on_conflict.",
            ),
            id="sequences.W002",
        )
    if connection.settings_dict.get("ATOMIC_REQUESTS"):
        yield Info(
            f"ATOMIC_REQUESTS is on for database {alias!r}: a view that takes a number "
            f"holds its sequence until the view ends.",
            hint=_hint(
                "sequences.I001",
                "Take the number late in the view, or mark the view with "
                "transaction.non_atomic_requests.",
            ),
            id="sequences.I001",
        )


def _isolation_level(vendor: str, option: Any) -> str:
    """Give the level that DATABASES sets, as SQL spells it, or nothing."""
    if option is None:
        return ""
    if vendor == "postgresql":
        # Each driver has its numbers.
        from django.db.backends.postgresql.psycopg_any import (  # noqa: PLC0415
            IsolationLevel,
        )

        option = IsolationLevel(option).name
    return str(option).upper().replace("_", " ")


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
            hint=_hint(
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
            hint=_hint(
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
            hint=_hint(
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
            hint=_hint(
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


def check_counters(
    *, databases: Iterable[str] | None = None, **_: Any
) -> Messages[CheckMessage]:
    """W004: counters behind their documents; asks the database, so only if told to."""
    sharing = names_by_column()
    return [
        Warning(
            f"Sequence {each.name!r} {_stands(each.stands)}, and documents have its "
            f"numbers up to {each.documents}: it would give out numbers that exist.",
            hint=_hint(
                "sequences.W004",
                f"Run AdoptNumbers, or 'python manage.py set_sequence "
                f"{quote(each.name)} {each.documents}'.",
            ),
            id="sequences.W004",
        )
        for alias in databases or ()
        for sequence in sequences_with_documents()
        if home_of(sequence) == alias
        for each in counters_behind(sequence, sharing=sharing)
    ]


def _stands(last: int | None) -> str:
    return "has given out none" if last is None else f"stands at {last}"


def register_all() -> None:
    """Register every check of this module with Django."""
    checks.register(check_distribution)
    checks.register(check_documents, checks.Tags.models)
    checks.register(check_number_fields, checks.Tags.models)
    checks.register(check_databases)
    checks.register(check_counters, checks.Tags.database)
