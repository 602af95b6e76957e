"""How far the numbers of a series go, and what is wrong on the way there. Pure."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from attrs import frozen

from sequences.ledger.findings import Disorder, Double

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sequences.ledger.explanations import Explainer
    from sequences.ledger.findings import Gap
    from sequences.ledger.possible import PossibleNumbers

Row = tuple[Any, ...]


@frozen(kw_only=True)
class Reach:
    """
    How far the numbers of a series, or of one part of it, go.

    :ivar series: which numbers are possible.
    :ivar highest: the highest of them on a document; None if there is none.
    :ivar given_out: the number given out last; None without a counter.
    """

    series: PossibleNumbers
    highest: int | None
    given_out: int | None

    @property
    def last(self) -> int | None:
        """The last number that can be missing."""
        ends = [] if self.highest is None else [self.highest]
        if self.given_out is not None and self.given_out >= self.series.first:
            ends.append(self.series.below(min(self.given_out, self.series.limit)))
        return max(ends, default=None)

    @property
    def behind(self) -> int:
        """How many numbers on documents the counter has not reached."""
        if self.highest is None:
            return 0
        first = self.series.first
        reached = first if self.given_out is None else self.given_out + 1
        return self.series.count(max(reached, first), self.highest)


@frozen(kw_only=True)
class Walk:
    """
    One way through the numbers, by what a database found between them.

    :ivar reach: how far it goes.
    :ivar lowest: the lowest number on a document; None if there is none.
    :ivar explainer: tells why numbers are missing.
    """

    reach: Reach
    lowest: int | None
    explainer: Explainer

    def findings(self, rows: Iterable[Row]) -> Iterator[Gap | Double | Disorder]:
        """
        Give all findings, by number.

        :param rows: number, number before, whether out of order, date, latest date
            before; by number. Not touched where there is no number.
        """
        step, last = self.reach.series.step, self.reach.last
        expected = self.reach.series.first
        if self.lowest is not None and self.reach.highest is not None:
            if expected < self.lowest:
                yield from self.explainer.split(expected, self.lowest - step)
            for key, group in groupby(rows, key=itemgetter(0)):
                yield from self._at_number(int(key), group)
            expected = self.reach.highest + step
        if last is not None and expected <= last:
            yield from self.explainer.split(expected, last)

    def _at_number(
        self, number: int, rows: Iterator[Row]
    ) -> Iterator[Gap | Double | Disorder]:
        """Tell what is wrong with one number: rows of it that follow each other."""
        copies, step = 1, self.reach.series.step
        for _, previous, is_late, dated, latest in rows:
            if previous is not None and int(previous) == number:
                copies += 1
            elif previous is not None and int(previous) + step < number:
                yield from self.explainer.split(int(previous) + step, number - step)
            if is_late:
                yield Disorder(number=number, at=dated, after=latest)
        if copies > 1:
            yield Double(number=number, count=copies)
