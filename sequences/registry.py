"""The declared sequences that checks, audits and commands look for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from sequences.guarantees import Guarantee
from services.wording import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from sequences.definitions import Sequence

# By their identity. To read it whole is one step, whatever other threads declare.
_findable: Final[WeakValueDictionary[int, Sequence]] = WeakValueDictionary()


def register(sequence: Sequence) -> None:
    """Let a sequence be found, for as long as it lives, if there is a reason to."""
    is_pooled = sequence.guarantee is Guarantee.POOLED
    if sequence.column is not None or sequence.ledger or is_pooled:
        _findable[id(sequence)] = sequence
        _names_by_column.cache_clear()


def sequences_with_documents() -> list[Sequence]:
    """Give the living sequences that say where their numbers are stored."""
    return [sequence for sequence in _found() if sequence.column is not None]


def names_by_column() -> Mapping[str, AbstractSet[str]]:
    """Give the names of the living sequences whose numbers are in each column."""
    return _names_by_column(len(_findable))


def sequences_with_ledger() -> list[Sequence]:
    """Give the living sequences that keep a ledger."""
    return [sequence for sequence in _found() if sequence.ledger]


def sequences_with_pool() -> list[Sequence]:
    """Give the living sequences that take their numbers from a pool."""
    return [each for each in _found() if each.guarantee is Guarantee.POOLED]


def names_declared() -> set[str]:
    """Give the names of the living sequences that are found."""
    return {sequence.sequence_name for sequence in _found()}


def not_found(name: str | None, option: str, known: Iterable[Sequence]) -> str:
    """Say that there is no sequence, or none of a name, among those that are found."""
    called = "" if name is None else f" {name!r}"
    near = did_you_mean(name or "", {each.sequence_name for each in known})
    return (
        f"No sequence{called} is declared with {option} in a module that Django "
        f"imports, such as an app's models.{near}"
    )


@lru_cache(maxsize=1)  # each draw asks; what is declared seldom changes
def _names_by_column(_: int) -> Mapping[str, AbstractSet[str]]:
    names: dict[str, set[str]] = {}
    for sequence in sequences_with_documents():
        names.setdefault(sequence.column or "", set()).add(sequence.sequence_name)
    return names


def _found() -> list[Sequence]:
    found = [reference() for reference in _findable.valuerefs()]
    living = [sequence for sequence in found if sequence is not None]
    return sorted(living, key=lambda sequence: sequence.sequence_name)
