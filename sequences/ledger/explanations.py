"""Which missing numbers can be explained, and by what. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field

from sequences.ledger.findings import Explanation, Gap
from sequences.ledger.possible import PossibleNumbers


@define
class Explainer:
    """
    Tells why numbers are missing. Gaps are to be asked for in ascending order.

    :ivar series: which numbers are possible.
    :ivar pool: the first and the last number of each run in the pool, ascending.
    :ivar settled: above this number the draws of a pool are not settled; None: of none.
    :ivar newest: the highest number on a document; None if there is none.
    :ivar beyond: why numbers above the newest document may be missing.
    """

    series: PossibleNumbers
    pool: Iterator[tuple[int, int]] = field(factory=lambda: iter(()))
    settled: int | None = None
    newest: int | None = None
    beyond: Explanation | None = None
    _run: tuple[int, int] | None = None

    def __attrs_post_init__(self) -> None:
        self._run = next(self.pool, None)

    def split(self, first: int, last: int) -> Iterator[Gap]:
        """Divide missing numbers into ranges with one explanation, or none, each."""
        step = self.series.step
        while self._run is not None and self._run[0] <= last:
            free_from, free_to = max(self._run[0], first), min(self._run[1], last)
            if free_from <= free_to:
                yield from self._rest(first, free_from - step)
                yield self._gap(free_from, free_to, Explanation.POOLED)
                first = free_to + step
            if self._run[1] > last:
                break
            self._run = next(self.pool, None)
        yield from self._rest(first, last)

    def _rest(self, first: int, last: int) -> Iterator[Gap]:
        """Explain what is not in the pool."""
        edge, why = self.newest, self.beyond
        if self.settled is not None:
            edge, why = self.settled, Explanation.UNSETTLED
        if why is None:
            edge = last
        elif edge is None:
            edge = first - self.series.step
        else:
            edge = min(max(edge, first - self.series.step), last)
        if first <= edge:
            yield self._gap(first, edge, None)
        if edge < last and why is not None:
            yield self._gap(max(first, edge + self.series.step), last, why)

    def _gap(self, first: int, last: int, explanation: Explanation | None) -> Gap:
        count = self.series.count(first, last)
        return Gap(first=first, last=last, count=count, explanation=explanation)
