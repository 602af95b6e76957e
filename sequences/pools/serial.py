"""Where one writer has the whole database: the serial counter is the pool."""

from __future__ import annotations

from sequences.counters import counter_for
from sequences.pools.base import Pool


class SerialPool(Pool):
    """A pool that keeps the promise by a stronger one: it never has a gap."""

    def claim(self) -> int:
        """Take the next number of the counter; a rollback gives it back."""
        return counter_for(self.sequence).advance()

    def replenish(self) -> int:
        """Do nothing: no number is ever missing."""
        return 0
