"""Findings in the making: listed up to a limit, counted beyond it. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, Generic, TypeVar

from attrs import define, field, frozen

from sequences.ledger.findings import Disorder, Double, Findings, Gap, Part
from sequences.ledger.possible import PossibleNumbers

F = TypeVar("F")

PARTS: Final = 120
"""Into how many parts a picture divides the numbers."""


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


@frozen(kw_only=True)
class Picture:
    """Counts how many numbers are missing in each of some equal parts."""

    series: PossibleNumbers
    edges: list[int]
    missing: list[int]
    explained: list[int]

    @classmethod
    def of(cls, series: PossibleNumbers, last: int | None) -> Picture:
        """Begin one, of the numbers of a series up to the last."""
        total = 0 if last is None else series.count(series.first, last)
        parts = min(PARTS, total)
        edges = [part * total // parts for part in range(parts + 1)] if parts else [0]
        return cls(
            series=series, edges=edges, missing=[0] * parts, explained=[0] * parts
        )

    def add(self, gap: Gap) -> None:
        """Take a gap in."""
        parts, total = len(self.missing), self.edges[-1]
        begin = (gap.first - self.series.first) // self.series.step
        end = begin + gap.count
        counts = self.explained if gap.explanation else self.missing
        # The parts are equal but for one number: the division finds it, or the next.
        part = max(0, begin * parts // total - 1)
        while part < parts and self.edges[part] < end:
            common = min(end, self.edges[part + 1]) - max(begin, self.edges[part])
            counts[part] += max(0, common)
            part += 1

    def parts(self) -> tuple[Part, ...]:
        """Give the parts as they are now."""
        step, start = self.series.step, self.series.first
        return tuple(
            Part(
                first=start + begin * step,
                last=start + (end - 1) * step,
                count=end - begin,
                missing=missing,
                explained=explained,
            )
            for (begin, end), missing, explained in zip(
                pairwise(self.edges), self.missing, self.explained, strict=True
            )
        )


@define(kw_only=True)
class Everything:
    """All that is found on one way through the numbers."""

    gaps: Collected[Gap]
    explained: Collected[Gap]
    doubles: Collected[Double]
    disorder: Collected[Disorder]
    picture: Picture
    missing: int = 0
    excused: int = 0

    @classmethod
    def up_to(cls, limit: int, picture: Picture) -> Everything:
        """Begin, to list so many of each kind."""
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
                self.picture.add(found)
            case Gap():
                self.explained.add(found)
                self.excused += found.count
                self.picture.add(found)
