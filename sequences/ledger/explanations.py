"""Which missing numbers can be explained, and by what. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, evolve, field

from sequences.ledger.findings import Explanation, Gap
from sequences.ledger.possible import PossibleNumbers


@define
class Explainer:
    """
    Tells why numbers are missing. Gaps are to be asked for in ascending order.

    :ivar series: which numbers are possible.
    :ivar known: ranges that are explained, in the pool or by the ledger; ascending.
    :ivar settled: above this number the draws of a pool are not settled; None: of none.
    :ivar newest: the highest number on a document; None if there is none.
    :ivar beyond: why numbers above the newest document may be missing.
    """

    series: PossibleNumbers
    known: Iterator[Gap] = field(factory=lambda: iter(()))
    settled: int | None = None
    newest: int | None = None
    beyond: Explanation | None = None
    _run: Gap | None = None

    def __attrs_post_init__(self) -> None:
        self._run = next(self.known, None)

    def split(self, first: int, last: int) -> Iterator[Gap]:
        """Divide missing numbers into ranges with one explanation, or none, each."""
        step = self.series.step
        while self._run is not None and self._run.first <= last:
            run = self._run
            begin, end = max(run.first, first), min(run.last, last)
            if begin <= end:
                yield from self._rest(first, begin - step)
                count = self.series.count(begin, end)
                yield evolve(run, first=begin, last=end, count=count)
                first = end + step
            if run.last > last:
                break
            self._run = next(self.known, None)
        yield from self._rest(first, last)

    def _rest(self, first: int, last: int) -> Iterator[Gap]:
        """Explain what is not known."""
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
