"""Declared sequences by their names, as one gives them in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sequences.counters import home_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sequences.definitions import Sequence


def first_called(
    name: str, using: str | None, among: Iterable[Sequence]
) -> Sequence | None:
    """Give the first of some sequences of that name, on a database if one is told."""
    for sequence in among:
        if sequence.sequence_name == name and using in (None, home_of(sequence)):
            return sequence
    return None
