"""How a sequence counts: start, step, end, loop. Pure integers, no database."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from attrs import frozen

HIGHEST: Final = 2**63 - 1
"""The highest number that a counter can hold."""

CLOSED: Final = HIGHEST
"""Where the counter of a closed sequence stands: at the end, to each statement."""

Values = range | tuple[int, ...]
"""Consecutive numbers: a range, or a tuple where they pass the end of a loop."""


class RanOut(Exception):
    """
    There are fewer numbers left than were asked for.

    :ivar left: how many there are.
    """

    def __init__(self, left: int) -> None:
        self.left = left
        super().__init__(left)


@frozen(kw_only=True, cache_hash=True)  # what is kept is looked up by it
class Progression:
    """
    An arithmetic progression with an end or a loop, upwards or downwards.

    :ivar initial: the first number.
    :ivar increment: from one number to the next; not 0.
    :ivar limit: the last number that may be given out: upwards the highest, downwards
        the lowest.
    :ivar reset: in front of this number it starts again at ``initial``; None if it
        does not loop.
    """

    initial: int
    increment: int = 1
    limit: int = HIGHEST
    reset: int | None = None

    @cached_property
    def size(self) -> int:
        """How many numbers there are from the first on."""
        return self.count_from(self.initial)

    def after(self, last: int | None) -> int:
        """
        Give the number after another.

        :param last: the number given out last, None before the first.
        :raises RanOut: if there is none.
        """
        return self.values_after(last, 1)[0]

    def values_after(self, last: int | None, count: int) -> Values:
        """
        Give the numbers after another.

        :param last: the number given out last, None before the first.
        :param count: how many; more than a loop has would give a number twice.
        :raises RanOut: if there are fewer. It is all or nothing.
        """
        first = self.first_after(last)
        straight = self.count_from(first)
        if count <= straight:
            return range(first, first + count * self.increment, self.increment)
        once = straight if self.reset is None else self.count_from(self.initial)
        if count > once:
            raise RanOut(once)
        looped = self.initial + (count - straight) * self.increment
        return (
            *range(first, first + straight * self.increment, self.increment),
            *range(self.initial, looped, self.increment),
        )

    def first_after(self, last: int | None) -> int:
        """Tell where counting goes on, whether or not there is a number left."""
        first = self.initial if last is None else last + self.increment
        if self.reset is not None and not self.is_before(first, self.reset):
            return self.initial
        return first

    def count_from(self, first: int) -> int:
        """Tell how many numbers there are from one on, up to the end or the loop."""
        return max(0, (self.end - first) // self.increment + 1)

    def between(self, before: int | None, last: int) -> int:
        """Tell how many there are behind one, or from the first, up to another."""
        first = self.initial if before is None else before + self.increment
        return max(0, (last - first) // self.increment + 1)

    @property
    def end(self) -> int:
        """The last number before the end, or before the loop."""
        if self.reset is None:
            return self.limit
        return self.reset - (1 if self.increment > 0 else -1)

    def is_before(self, number: int, other: int) -> bool:
        """Tell whether one number comes before another."""
        return number < other if self.increment > 0 else number > other

    def may_stand_at(self, last: int) -> bool:
        """
        Tell whether a number may count as the last one given out.

        It is one of its numbers, or the one in front of the first. A loop that began in
        its middle may stand anywhere.
        """
        if self.reset is not None:
            return True
        steps, rest = divmod(last - self.initial, self.increment)
        return rest == 0 and steps >= -1 and not self.is_before(self.limit, last)

    def values_up_to(self, last: int, count: int) -> range:
        """Give the ``count`` numbers of which ``last`` is the last, without a loop."""
        first = last - (count - 1) * self.increment
        return range(first, last + self.increment, self.increment)
