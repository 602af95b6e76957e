"""The declared sequences that checks, audits and commands look for."""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from django.core.exceptions import FieldDoesNotExist

from sequences.documents import Documents
from sequences.guarantees import Guarantee
from services.wording import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from sequences.definitions import Sequence

# By their identity. To read it whole is one step, whatever other threads declare.
_findable: Final[WeakValueDictionary[int, Sequence]] = WeakValueDictionary()

_named: Final[list[tuple[str, str]]] = []
"""Columns as they were written, with the names declared there: for good."""

_naming: Final = Lock()

ENOUGH_NAMES: Final = 2
"""So many of a column are kept: by two it is known to be nobody's alone."""


def register(sequence: Sequence) -> None:
    """Let a sequence be found, for as long as it lives, if there is a reason to."""
    is_pooled = sequence.guarantee is Guarantee.POOLED
    if sequence.column is not None or sequence.ledger or is_pooled:
        _findable[id(sequence)] = sequence
    if sequence.column is not None:
        _note_name(sequence.column, sequence.sequence_name)


def _note_name(column: str, name: str) -> None:
    with _naming:
        known = [each for written, each in _named if written == column]
        if name not in known and len(known) < ENOUGH_NAMES:
            _named.append((column, name))


def sequences_with_documents() -> list[Sequence]:
    """Give the living sequences that say where their numbers are stored."""
    return [sequence for sequence in _found() if sequence.column is not None]


def names_in(column: str) -> AbstractSet[str]:
    """
    Give the names of the sequences whose numbers are in a column, however written.

    Two of each way at the most, and for good: the numbers of a sequence that is no more
    are still there, and no garbage collector decides what is refused.
    """
    return _names_in(column, len(_named))


@lru_cache(maxsize=1_024)  # each draw asks; what is declared seldom changes
def _names_in(column: str, declared: int) -> AbstractSet[str]:
    place = _place_of(column)
    return {
        name
        for written, name in _named[:declared]
        if written == column or _place_of(written) == place
    }


def _place_of(column: str) -> object:
    """Tell where a column is: a proxy, a child or capitals write it in other ways."""
    try:
        documents = Documents.at(column)
    except (LookupError, ValueError, FieldDoesNotExist):
        return column  # a check tells
    return documents.table, documents.column


@contextmanager
def names_of_a_test() -> Iterator[None]:
    """Forget at the end the names that were declared within: the next test's differ."""
    before = _named.copy()
    yield
    with _naming:
        _named[:] = before
        _names_in.cache_clear()


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


def _found() -> list[Sequence]:
    found = [reference() for reference in _findable.valuerefs()]
    living = [sequence for sequence in found if sequence is not None]
    return sorted(living, key=lambda sequence: sequence.sequence_name)
