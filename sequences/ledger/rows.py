"""The rows of a ledger, and the states that they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sequences.counters.base import stored

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sequences.counters import Counter

RESERVED: Final = "reserved"
ASSIGNED: Final = "assigned"
VOID: Final = "void"


def entries_of(counter: Counter) -> QuerySet[Any]:
    """Give the entries about the numbers of one sequence."""
    entries: QuerySet[Any] = stored("LedgerEntry")._base_manager.using(counter.using)
    return entries.filter(name=counter.sequence.sequence_name)
