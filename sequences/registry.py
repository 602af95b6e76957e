"""The declared sequences that checks, audits and commands look for."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from sequences.guarantees import Guarantee
from services.wording import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sequences.definitions import Sequence

# By their identity. To read it whole is one step, whatever other threads declare.
_findable: Final[WeakValueDictionary[int, Sequence]] = WeakValueDictionary()

_names_by_column: Final[dict[str, tuple[str, ...]]] = {}
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
        known = _names_by_column.get(column, ())
        if name not in known and len(known) < ENOUGH_NAMES:
            _names_by_column[column] = (*known, name)


def sequences_with_documents() -> list[Sequence]:
    """Give the living sequences that say where their numbers are stored."""
    return [sequence for sequence in _found() if sequence.column is not None]


def names_by_column() -> Mapping[str, tuple[str, ...]]:
    """
    Give the names of the sequences whose numbers are in each column, as it was written.

    Two at the most, and for good: the numbers of a sequence that is no more are still
    there, and no garbage collector decides what is refused.
    """
    return dict(_names_by_column)  # in one step, whatever other threads declare


@contextmanager
def names_of_a_test() -> Iterator[None]:
    """Forget at the end the names that were declared within: the next test's differ."""
    before = names_by_column()
    yield
    with _naming:
        _names_by_column.clear()
        _names_by_column.update(before)


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
