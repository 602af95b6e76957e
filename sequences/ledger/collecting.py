"""Findings in the making: listed up to a limit, counted beyond it. Pure."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final, Generic, TypeVar

from attrs import define, field

from sequences.ledger.findings import Disorder, Double, Findings, Gap, Part
from sequences.ledger.possible import PossibleNumbers

F = TypeVar("F")

PARTS: Final = 120
"""Into how many parts a picture divides the numbers, at most."""


@define
class Collected(Generic[F]):
    """Findings in the making: what passes the limit is counted only."""

    limit: int
    count: int = 0
    listed: list[F] = field(factory=list)

    def add(self, finding: F) -> None:
        """Take one more."""
        self.count += 1
        if self.count <= self.limit:
            self.listed.append(finding)

    def frozen(self) -> Findings[F]:
        """Give them as they are now."""
        return Findings(count=self.count, listed=tuple(self.listed))


@define(kw_only=True)
class Picture:
    """
    Counts how many numbers are missing in each of some equal parts.

    It need not know how far the numbers go: when there are too many parts, each takes
    the next one in.
    """

    series: PossibleNumbers
    width: int = 1
    total: int = 0
    missing: list[int] = field(factory=list)
    explained: list[int] = field(factory=list)

    @classmethod
    def of(cls, series: PossibleNumbers, last: int | None) -> Picture:
        """Begin one, of the numbers of a series up to the last."""
        total = 0 if last is None else series.count(series.first, last)
        picture = cls(series=series, width=max(1, -(-total // PARTS)))
        picture._reach(total)
        return picture

    def reach(self, last: int) -> None:
        """Let the numbers go up to another."""
        self._reach(self.series.count(self.series.first, last))

    def _reach(self, total: int) -> None:
        self.total = max(self.total, total)
        while self.total > self.width * PARTS:
            self.width *= 2
            for counts in (self.missing, self.explained):
                pairs = zip_longest(counts[::2], counts[1::2], fillvalue=0)
                counts[:] = [one + other for one, other in pairs]
        lacking = -(-self.total // self.width) - len(self.missing)
        self.missing += [0] * lacking
        self.explained += [0] * lacking

    def add(self, gap: Gap) -> None:
        """Take a gap in."""
        begin = (gap.first - self.series.first) // self.series.step
        end = begin + gap.count
        self._reach(end)
        counts = self.explained if gap.explanation else self.missing
        for part in range(begin // self.width, -(-end // self.width)):
            edge = part * self.width
            counts[part] += min(end, edge + self.width) - max(begin, edge)

    def parts(self) -> tuple[Part, ...]:
        """Give the parts as they are now."""
        step, start = self.series.step, self.series.first
        found = []
        for part, missing in enumerate(self.missing):
            begin = part * self.width
            end = min(begin + self.width, self.total)
            found.append(
                Part(
                    first=start + begin * step,
                    last=start + (end - 1) * step,
                    count=end - begin,
                    missing=missing,
                    explained=self.explained[part],
                )
            )
        return tuple(found)


@define(kw_only=True)
class Everything:
    """All that is found on one way through the numbers."""

    gaps: Collected[Gap]
    explained: Collected[Gap]
    doubles: Collected[Double]
    disorder: Collected[Disorder]
    picture: Picture | None
    missing: int = 0
    excused: int = 0

    @classmethod
    def up_to(cls, limit: int, picture: Picture | None = None) -> Everything:
        """Begin, to list so many of each kind; without a picture if there are many."""
        return cls(
            gaps=Collected(limit),
            explained=Collected(limit),
            doubles=Collected(limit),
            disorder=Collected(limit),
            picture=picture,
        )

    def add(self, found: Gap | Double | Disorder) -> None:
        """Take one more."""
        match found:
            case Double():
                self.doubles.add(found)
            case Disorder():
                self.disorder.add(found)
            case Gap(explanation=None):
                self.gaps.add(found)
                self.missing += found.count
            case Gap():
                self.explained.add(found)
                self.excused += found.count
        if isinstance(found, Gap) and self.picture is not None:
            self.picture.add(found)
