"""Which numbers are possible. Pure."""

from __future__ import annotations

from attrs import frozen

from sequences.arithmetic import HIGHEST


@frozen(kw_only=True)
class PossibleNumbers:
    """
    Which numbers are possible.

    :ivar first: the first one.
    :ivar limit: none is above it.
    :ivar step: from one to the next.
    """

    first: int
    limit: int = HIGHEST
    step: int = 1

    def has(self, number: int) -> bool:
        """Tell whether a number is possible."""
        inside = self.first <= number <= self.limit
        return inside and not (number - self.first) % self.step

    def count(self, first: int, last: int) -> int:
        """Tell how many numbers there are from one to another."""
        return max(0, (last - first) // self.step + 1)

    def below(self, number: int) -> int:
        """Give the nearest possible number that is not above another."""
        return number - (number - self.first) % self.step
