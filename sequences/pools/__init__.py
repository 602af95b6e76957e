"""Pools: numbers that many take at once, and that come back from a rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connections

from sequences.counters import home_of
from sequences.pools.base import Pool
from sequences.pools.postgresql import DrawAndReclaim
from sequences.pools.rows import RowPool
from sequences.pools.serial import SerialPool

if TYPE_CHECKING:
    from sequences.definitions import Sequence

__all__ = ["Pool", "pool_for"]


def pool_for(sequence: Sequence) -> Pool:
    """
    Give the pool of a sequence, in the form that its database does best.

    :raises InvalidSequence: if it is a series of which each part has its own pool.
    """
    sequence.require_counter()
    using = home_of(sequence)
    connection = connections[using]
    kind: type[Pool] = SerialPool
    if connection.vendor == "postgresql":
        kind = DrawAndReclaim
    elif connection.features.has_select_for_update_skip_locked:
        kind = RowPool
    return kind(sequence, using)
