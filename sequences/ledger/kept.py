"""Which tables of ours a database has, and where closed counters stood."""

from __future__ import annotations

from django.db import connections

from sequences.arithmetic import CLOSED
from sequences.counters.base import stored
from sequences.ledger.columns import tables_of


def is_kept(model: str, using: str) -> bool:
    """Tell whether a database has the table: only migrations of ours make it."""
    return stored(model)._meta.db_table in tables_of(connections[using])


def where_closed(using: str, prefix: str = "") -> dict[str, int | None]:
    """Give where closed counters stood, by name: all whose names begin so."""
    if not is_kept("ClosedSequence", using):
        return {}
    closed = stored("ClosedSequence")._base_manager.using(using)
    found = closed.filter(name__startswith=prefix)
    return dict(found.values_list("name", "last"))


def is_closed(name: str, using: str) -> bool:
    """Tell whether a counter is closed."""
    if not is_kept("ClosedSequence", using):
        return False
    closed = stored("ClosedSequence")._base_manager.using(using)
    return bool(closed.filter(name=name).exists())


def stood_at(last: int | None, name: str, using: str) -> int | None:
    """Give what a counter holds; of a closed one, where it stood before."""
    if last != CLOSED or not is_kept("ClosedSequence", using):
        return last
    closed = stored("ClosedSequence")._base_manager.using(using).filter(name=name)
    return next(iter(closed.values_list("last", flat=True)), last)
