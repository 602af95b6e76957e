"""
Whether documents have passed their counter, as after a restore or an import.

Each draw asks where an index answers: in the statement that moves the counter, or under
its lock. So nobody has to remember to look.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connections, router
from django.db.models import IntegerField, Q, UniqueConstraint

from sequences.counters import Counter, Highest, counter_for
from sequences.counters.answering import answers
from sequences.errors import InvalidSequence
from sequences.guarantees import Guarantee
from sequences.isolation import is_serializable
from sequences.ledger.on_documents import with_possible_numbers
from sequences.membership import documents_of, stored_part
from sequences.registry import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.base.features import BaseDatabaseFeatures

    from sequences.definitions import Sequence


def guarded_counter(sequence: Sequence) -> Counter:
    """
    Give the counter of a sequence, which refuses to go on behind its documents.

    It looks where the highest number on a document tells, and the index of a unique
    constraint tells that. For other columns a check of the project does.

    :raises InvalidSequence: as :func:`counter_for`.
    """
    counter = counter_for(sequence)
    if (
        sequence.column is not None
        and is_told_by_highest(sequence)
        and not _is_held_against_others(counter.connection)
    ):
        counter.highest = _query_for(counter)
    return counter


def _is_held_against_others(connection: BaseDatabaseWrapper) -> bool:
    """
    Tell whether a look would end transactions that have nothing to do with each other.

    PostgreSQL notes at SERIALIZABLE which page of an index was read. The highest
    numbers of several parts, and drafts, are on the same.
    """
    return connection.vendor == "postgresql" and is_serializable(connection)


def is_told_by_highest(sequence: Sequence) -> bool:
    """Tell whether it is behind if, and only if, a document has a higher number."""
    counts_up = sequence.reset_value is None and sequence.increment > 0
    is_counted = sequence.guarantee is not Guarantee.NATIVE
    return counts_up and is_counted and _is_alone(sequence)


def _is_alone(sequence: Sequence) -> bool:
    """
    Tell whether no other sequence was declared with its numbers in that column.

    Of a module that this process has not imported, nobody knows.
    """
    name = sequence.sequence_name
    return all(
        name == other or (sequence.is_part and name.startswith(f"{other}/"))
        for other in names_in(sequence.column or "")
    )


def _query_for(counter: Counter) -> Highest | None:
    """Give the query for the highest number; None where nobody can look, or should."""
    sequence, using = counter.sequence, counter.using
    name, progression = sequence.sequence_name, sequence.progression
    kept = kept_for(using, sequence.column, name, progression)
    if "query" not in kept:
        kept["query"] = _compose(sequence, using)
    query = kept["query"]
    if query is None:
        return None
    model, _, _ = (sequence.column or "").rpartition(".")
    if router.db_for_write(apps.get_model(model)) != using:  # it may decide anew
        return None
    return query if answers(counter, query) else None


@lru_cache(maxsize=4_096)
def kept_for(*_: Any) -> dict[str, Highest | None]:
    """
    Give where the query of a counter is kept: to make it takes longer than to run it.

    That of a part which was not asked for longest is forgotten. Neither a sequence nor
    a model is kept, which would live on here.
    """
    return {}


def _compose(sequence: Sequence, using: str) -> Highest | None:
    """Make the query for the highest number; None where it would not be quick."""
    try:
        documents, part = sequence.documents(), stored_part(sequence)
    except InvalidSequence:
        return None  # a check tells
    model, field = documents.model, documents.field
    features = connections[using].features
    if (
        part is None
        or not isinstance(model._meta.get_field(field), IntegerField)
        or not is_unique(model, field, part.keys(), features)
    ):
        return None
    numbers = with_possible_numbers(documents_of(sequence, using), field, sequence)
    highest = numbers.order_by(f"-{field}").values(field)[:1]
    compiler = highest.query.get_compiler(using, elide_empty=False)
    return Highest.of(*compiler.as_sql())


def is_unique(
    model: Any, number: str, part: AbstractSet[str], features: BaseDatabaseFeatures
) -> bool:
    """
    Tell whether a number is unique within its part, by an index that ends with it.

    Then the index leads to the highest, and the numbers are those of one counter: of a
    column that holds some twice, there may be others which nobody has declared. The
    index is one of the model's own table: behind that of a parent are others as well.
    """
    return any(
        fields[-1:] == [number] and set(fields[:-1]) == part
        for fields in _unique_together(model, number, features)
    )


def _unique_together(
    model: Any, number: str, features: BaseDatabaseFeatures
) -> Iterator[list[str]]:
    """Give the fields of each constraint that all documents with a number meet."""
    meta = model._meta.concrete_model._meta
    yield from ([each.name] for each in meta.local_concrete_fields if each.unique)
    yield from map(list, meta.unique_together)
    numbered = Q(**{f"{number}__isnull": False})
    no_draft = ~Q(**{f"{number}__isnull": True})
    for each in meta.constraints:
        if (
            isinstance(each, UniqueConstraint)
            and each.condition in (None, numbered, no_draft)
            and _can_have(features, each)
        ):
            yield list(each.fields)


def _can_have(features: BaseDatabaseFeatures, constraint: Any) -> bool:
    """Tell whether a database has a constraint: Django leaves out what it cannot."""
    return (
        (constraint.condition is None or features.supports_partial_indexes)
        and (
            constraint.deferrable is None
            or features.supports_deferrable_unique_constraints
        )
        and (not constraint.include or features.supports_covering_indexes)
        and (
            constraint.nulls_distinct is None
            or features.supports_nulls_distinct_unique_constraints
        )
    )
