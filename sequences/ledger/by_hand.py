"""Whether the open transaction itself said what is to become of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from django.db import connections

from sequences.drawn import Memory

if TYPE_CHECKING:
    from sequences.counters import Counter

_said: Final[WeakKeyDictionary[Any, dict[str, Memory]]] = WeakKeyDictionary()
"""By session: the sequences, with the memory of what was said last."""


def say(counter: Counter) -> None:
    """Remember that a number of this sequence was voided or assigned."""
    name, using = counter.sequence.sequence_name, counter.using
    if not is_said(name, using):  # else a savepoint could undo the memory of more
        _said.setdefault(connections[using], {})[name] = Memory.of(using)


def is_said(name: str, using: str) -> bool:
    """
    Tell whether the open transaction has voided or assigned a number of a sequence.

    Which one, it does not tell: who asks looks into the ledger then.
    """
    said = _said.get(connections[using])
    memory = None if said is None else said.get(name)
    return memory is not None and not (memory.is_kept or memory.is_undone)
