"""
Results as a picture: SVG with a panel for each question, one under the other.

It stands in the page itself, and takes the page's colours; looked at alone, it has
its own. Methods are told apart by a name at the end of their line, not by colour alone.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil, floor, log10
from xml.sax.saxutils import escape

from attrs import frozen

from tests.benchmarks.report import PEER, Record

Line = list[tuple[float, float]]

# Pixels.
WIDTH, HEIGHT = 760, 270
LEFT, RIGHT, TOP, BOTTOM = 56, 500, 44, 230
LETTERS = 14

COLOURS = {
    "serial": "#2b7de0",
    "serial in the INSERT": "#8b5cf6",
    "serial in the INSERT, autocommit": "#c2479b",
    "grouped": "#c2740a",
    "pooled": "#16914a",
    "pooled in the INSERT, autocommit": "#0d8a9e",
}
"""Each can be seen on white and on black; who is not ours is grey."""

STYLE = """
svg.measurements { display: block; height: auto; max-width: 100%; }
svg.measurements text {
  fill: var(--color-foreground-primary, #777);
  font: 12px var(--font-stack, sans-serif);
}
svg.measurements text.title { font-weight: bold; font-size: 13px; }
svg.measurements text.right { text-anchor: end; }
svg.measurements text.middle { text-anchor: middle; }
svg.measurements path { fill: none; stroke: #888; stroke-width: 2; }
svg.measurements path.thin { stroke-width: 1; opacity: 0.35; }
svg.measurements path.peer { stroke-dasharray: 5 4; }
svg.measurements circle { fill: #888; }
"""


@frozen(kw_only=True)
class Panel:
    """Lines over one axis; ``ticks`` and the ends of the scale are values of it."""

    title: str
    across: str
    lines: dict[str, Line]
    x_ticks: Sequence[float]
    y_ticks: Sequence[float]
    is_log: bool

    def drawn(self, top: int) -> Iterable[str]:
        """Draw the panel so far below the top of the picture."""
        yield f'<g transform="translate(0 {top})">'
        yield text(LEFT, 18, self.title, "title")
        yield text(RIGHT, BOTTOM + 34, self.across, "right")
        for tick in self.y_ticks:
            y = self.y(tick)
            yield path([(LEFT, y), (RIGHT, y)], 'class="thin"')
            yield text(LEFT - 8, y + 4, f"{tick:,.0f}", "right")
        for tick in self.x_ticks:
            yield text(self.x(tick), BOTTOM + 18, f"{tick:,.0f}", "middle")
        for (name, line), label in zip(self.lines.items(), self.labels(), strict=True):
            colour = COLOURS.get(name)
            stroke = f'style="stroke: {colour}"' if colour else ""
            fill = f'style="fill: {colour}"' if colour else ""
            dashed = 'class="peer"' if name == PEER else ""
            points = [(self.x(x), self.y(y)) for x, y in line]
            yield path(points, f"{stroke} {dashed}")
            if len(points) < LETTERS:
                yield from (
                    f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" {fill}/>'
                    for x, y in points
                )
            end = points[-1]
            leader = [(end[0] + 5, end[1]), (RIGHT + 22, label)]
            yield path(leader, f'class="thin" {stroke}')
            yield text(RIGHT + 26, label + 4, name)
        yield "</g>"

    def labels(self) -> list[float]:
        """Give the height of each name: that of its line's end, or the next free."""
        ends = [self.y(line[-1][1]) for line in self.lines.values()]
        order = sorted(range(len(ends)), key=ends.__getitem__)
        heights = [ends[index] for index in order]
        for _ in range(50):  # push neighbours apart until all stand free
            for one, other in pairwise(range(len(heights))):
                lacks = max(0.0, LETTERS - (heights[other] - heights[one]))
                heights[one] -= lacks / 2
                heights[other] += lacks / 2
        placed = dict(zip(order, heights, strict=True))
        return [placed[index] for index in range(len(ends))]

    def x(self, value: float) -> float:
        return LEFT + 14 + self.share(value, self.x_ticks) * (RIGHT - LEFT - 28)

    def y(self, value: float) -> float:
        return BOTTOM - self.share(value, self.y_ticks) * (BOTTOM - TOP)

    def share(self, value: float, ticks: Sequence[float]) -> float:
        """Give how far along a scale a value is, from 0 to 1."""
        low, high = ticks[0], ticks[-1]
        if self.is_log:
            return log10(value / low) / log10(high / low)
        return (value - low) / (high - low)


def plot(results: dict[str, list[Record]]) -> str:
    """Give the picture of all results that have one."""
    panels = [
        *documents(results.get("documents", [])),
        *snapshot(results.get("snapshot", [])),
    ]
    shapes = [
        shape
        for index, panel in enumerate(panels)
        for shape in panel.drawn(index * HEIGHT)
    ]
    about = escape("; ".join(panel.title for panel in panels))
    begin = (
        f'<svg class="measurements" role="img" aria-label="{about}" '
        f'viewBox="0 0 {WIDTH} {len(panels) * HEIGHT}" width="{WIDTH}" '
        f'xmlns="http://www.w3.org/2000/svg">'
    )
    return "\n".join([begin, f"<style>{STYLE}</style>", *shapes, "</svg>"]) + "\n"


def documents(records: list[Record]) -> Iterable[Panel]:
    """Draw documents a second by clients, both scales by powers."""
    for flush in dict.fromkeys(record["flush"] for record in records):
        these = [record for record in records if record["flush"] == flush]
        clients = sorted({float(record["clients"]) for record in these})
        if len(clients) == 1:  # no line to draw
            continue
        rates = [float(record["a second"]) for record in these]
        powers = range(floor(log10(min(rates))), ceil(log10(max(rates))) + 1)
        yield Panel(
            title=f"Documents a second, {flush} flush",
            across="clients",
            lines=lines(these, "clients"),
            x_ticks=clients,
            y_ticks=[10.0**power for power in powers],
            is_log=True,
        )


def snapshot(records: list[Record]) -> Iterable[Panel]:
    """Draw numbers a second by how many were drawn before."""
    if records:
        highest = ceil(max(float(record["a second"]) for record in records) / 1000)
        yield Panel(
            title="Numbers a second while a snapshot stays open, one client",
            across="numbers drawn so far",
            lines=lines(records, "after"),
            x_ticks=range(0, 120_001, 20_000),
            y_ticks=range(0, highest * 1000 + 1, 1000),
            is_log=False,
        )


def lines(records: list[Record], across: str) -> dict[str, Line]:
    """Give the line of each method."""
    found: dict[str, Line] = {}
    for record in records:
        point = (float(record[across]), float(record["a second"]))
        found.setdefault(str(record["method"]), []).append(point)
    return found


def path(points: Iterable[tuple[float, float]], attributes: str) -> str:
    course = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{course}" {attributes}/>'


def text(x: float, y: float, words: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(words)}</text>'
