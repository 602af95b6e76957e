"""The parts of a series, told apart row by row, and what is wrong in each. Pure."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from attrs import define, evolve, field

from sequences.formats import Format
from sequences.ledger.collecting import Collected, Everything, Picture
from sequences.ledger.explanations import Explainer
from sequences.ledger.findings import (
    Counted,
    Disorder,
    Double,
    Explanation,
    Gap,
    Outside,
)
from sequences.ledger.possible import PossibleNumbers
from sequences.ledger.walk import Reach
from sequences.printing import Place, quoted_key


@define(kw_only=True)
class Tally:
    """One part. Its numbers are taken in ascending order; none of them is kept."""

    part: str | None
    series: PossibleNumbers
    explainer: Explainer
    found: Everything
    picture: Picture
    numbered: int = 0
    lowest: int | None = None
    number: int | None = None
    copies: int = 1
    latest: Any = None
    missing: int = 0
    excused: int = 0

    def take(self, number: int, dated: Any) -> None:
        """Take the number of one document, and its date if there is one."""
        self.numbered += 1
        is_copy = number == self.number
        if is_copy:
            self.copies += 1
        else:
            self._end_number()
            self._miss(self._expected, number - self.series.step)
            self.number = number
            self.lowest = number if self.lowest is None else self.lowest
        if dated is not None:
            if self.latest is not None and dated < self.latest:
                self.found.add(
                    Disorder(
                        number=number,
                        at=str(dated),
                        after=str(self.latest),
                        part=self.part,
                    )
                )
            elif not is_copy:
                self.latest = dated

    def counted(self, given_out: int | None, beyond: Explanation | None) -> Counted:
        """
        Sum up, when there are no more numbers.

        :param given_out: the number given out last; None without a counter.
        :param beyond: why numbers above the newest document may be missing.
        """
        self._end_number()
        series, highest = self.series, self.number
        reach = Reach(series=series, highest=highest, given_out=given_out)
        last = reach.last
        if last is not None:
            self.explainer.newest, self.explainer.beyond = highest, beyond
            self._miss(self._expected, last)
            self.picture.reach(last)
        return Counted(
            part=self.part or "",
            numbered=self.numbered,
            first=series.first,
            lowest=self.lowest,
            highest=highest,
            given_out=given_out,
            behind=reach.behind,
            missing=self.missing,
            excused=self.excused,
            parts=self.picture.parts(),
        )

    @property
    def _expected(self) -> int:
        return (
            self.series.first if self.number is None else self.number + self.series.step
        )

    def _end_number(self) -> None:
        if self.copies > 1 and self.number is not None:
            self.found.add(
                Double(number=self.number, count=self.copies, part=self.part)
            )
        self.copies = 1

    def _miss(self, first: int, last: int) -> None:
        if first > last:
            return
        for gap in self.explainer.split(first, last):
            if gap.explanation is None:
                self.missing += gap.count
            else:
                self.excused += gap.count
            self.picture.add(gap)
            self.found.add(evolve(gap, part=self.part))


@define(kw_only=True)
class Parts:
    """
    All parts that are met, in the order in which they are met first.

    Memory grows with the parts, a few hundred bytes each, and not with the documents.

    :ivar printed: how numbers are printed, where text is read.
    :ivar series: gives which numbers are possible, from the lowest of a part.
    :ivar only: the one part that is looked at; None: all.
    :ivar known: ranges that are explained, in the pool or by the ledger, by part;
        ascending.
    :ivar settled: above which number the draws of a pool are not settled, by part.
    """

    printed: Format | None
    series: Callable[[int], PossibleNumbers]
    found: Everything
    outside: Collected[Outside]
    only: str | None = None
    documents: int = 0
    numbered: int = 0
    tallies: dict[str, Tally] = field(factory=dict)
    known: dict[str, list[Gap]] = field(factory=dict)
    settled: dict[str, int | None] = field(factory=dict)

    @property
    def is_one(self) -> bool:
        """Whether there is no other part to tell it from."""
        return self.only is not None

    def take(self, row: tuple[Any, ...], keys: int, *, dated: bool) -> None:
        """Take a document: what tells its part, its number, and its date."""
        value = row[keys]
        if value is None:
            self.documents += not self.only  # of one part among others, nothing tells
            return
        part, number = self._read(value)
        if keys and number is not None:
            part = "/".join(quoted_key(str(key)) for key in row[:keys])
        if self.only is not None and part is not None and part != self.only:
            return
        self.documents += 1
        self.numbered += 1
        if number is None or part is None or not self._is_possible(part, number):
            self.outside.add(Outside(number=str(value)[:100]))
            return
        self.of(part, number).take(number, row[keys + 1] if dated else None)

    def of(self, part: str, lowest: int) -> Tally:
        """Give the tally of a part, begun where it is met first."""
        tally = self.tallies.get(part)
        if tally is None:
            series = self.series(lowest)
            tally = self.tallies[part] = Tally(
                part=None if self.is_one else part,
                series=series,
                explainer=Explainer(
                    series,
                    known=iter(self.known.get(part, ())),
                    settled=self.settled.get(part),
                ),
                found=self.found,
                picture=Picture.of(series, None),
            )
        return tally

    def _is_possible(self, part: str, number: int) -> bool:
        known = self.tallies.get(part)
        series = self.series(number) if known is None else known.series
        return series.has(number)

    def _read(self, value: Any) -> tuple[str | None, int | None]:
        """Read which part a document is of, where its text tells, and its number."""
        if self.printed is None:
            return "", _whole(value)
        try:
            number = self.printed.parse(value)
        except ValueError:
            return None, None
        shown = [name for name in self.printed.scope if name in number.scope]
        values = tuple((name, number.scope[name]) for name in shown)
        keys = Place(period=number.period, values=values).keys
        return "/".join(map(quoted_key, keys)), number.value


def _whole(value: Any) -> int | None:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    return value if isinstance(value, int) and value >= 0 else None
