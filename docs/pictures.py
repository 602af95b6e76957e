"""
The flow of a service as a picture: SVG that stands in the page itself.

It loads nothing, so it can be seen without a network; its colours are the page's own,
see ``seriatim.css``. All stands around one vertical axis, where x is 0.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from attrs import define, field

from services.fields import fields_of
from services.steps import Stage

if TYPE_CHECKING:
    from services.definition import Definition
    from services.steps import Node, Step

# Pixels. The letters are of one width, so that the size of a box can be foretold.
LETTER: Final = 7.3
SMALL_LETTER: Final = 6.7
LINE: Final = 15
PAD: Final = 12
GAP: Final = 26
CONDITION: Final = 26
LONGEST: Final = 48  # letters


def picture(definition: Definition) -> str:
    """Give the flow as the text of an SVG element."""
    drawing = _Drawing(definition=definition)
    drawing.end(definition.name, "begin")
    drawing.draw(definition.flow)
    drawing.end(", ".join(fields_of(definition.outputs)) or "done", "done")
    left, right = min(drawing.lefts) - PAD, max(drawing.rights) + PAD
    width, height = round(right - left), round(drawing.y + 2)
    label = quoteattr(f"The flow of {definition.name}")
    begin = (
        f'<svg class="flow" role="img" aria-label={label} width="{width}" '
        f'height="{height}" viewBox="{left:.0f} -2 {width} {height + 2}" '
        f'xmlns="http://www.w3.org/2000/svg">'
    )
    return "\n".join([begin, *drawing.shapes, "</svg>"])


@define
class _Drawing:
    """
    A drawing in the making.

    ``y`` is where the axis has been drawn to; ``lefts`` and ``rights`` are the edges of
    all that stands there.
    """

    definition: Definition
    shapes: list[str] = field(factory=list)
    lefts: list[float] = field(factory=list)
    rights: list[float] = field(factory=list)
    y: float = 0

    def draw(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            edges = len(self.rights)
            condition = self.condition(node)
            if isinstance(node, Stage):
                self.stage(node)
            else:
                self.step(node)
            if condition is not None:
                self.bypass(*condition, edges)

    def end(self, text: str, kind: str) -> None:
        if kind == "done":
            self.arrow()
        self.box([text], kind)

    def step(self, step: Step) -> None:
        access = self.definition.dataflow[step.name]
        lines = [step.name]
        for verb, names in (("reads", access.reads), ("sets", access.sets)):
            if names:
                told = ", ".join(dict.fromkeys(name for _, name in names))
                lines += wrap(f"{verb} {told}", LONGEST)
        if access.opaque:
            lines.append(f"hands on {', '.join(sorted(access.opaque))}")
        self.arrow()
        self.box(lines, "step")

    def stage(self, stage: Stage) -> None:
        self.axis(GAP)
        top, shapes, edges = self.y, len(self.shapes), len(self.rights)
        title = ", ".join(
            f"{role} {getattr(stage, role)}"
            for role in ("within", "compensate")
            if getattr(stage, role) is not None
        )
        # The title stands beside the axis, which goes through.
        self.axis(LINE if title else 0)
        self.lefts.append(-PAD - len(title) * SMALL_LETTER)
        self.draw(stage.nodes)
        self.axis(GAP)
        left = min(self.lefts[edges:]) - PAD
        right = max(self.rights[edges:]) + PAD
        self.shapes[shapes:shapes] = [
            _rect("stage", left, top, right - left, self.y - top),
            _text(left + PAD, top + LINE + 2, title, "small left"),
        ]
        self.lefts.append(left)
        self.rights.append(right)
        if stage.recover is not None:
            self.recovery(f"recover {stage.recover}", right, (top + self.y) / 2)

    def recovery(self, text: str, right: float, middle: float) -> None:
        """Draw what an error in a stage leads to, and how it comes back."""
        left = right + 2 * GAP
        width = len(text) * LETTER + 2 * PAD
        self.shapes += [
            _path(f"M{right:.1f} {middle} H{left:.1f}", "error"),
            _text(right + GAP, middle - 5, "error", "small"),
            _rect("step", left, middle - LINE, width, 2 * LINE),
            _text(left + width / 2, middle + 5, text, "name"),
            _path(f"M{left + width / 2:.1f} {middle + LINE} V{self.y + GAP / 2} H0"),
        ]
        self.rights.append(left + width)

    def condition(self, node: Node) -> tuple[float, float] | None:
        """Draw a condition; give where the way around begins."""
        if not (node.only_if or node.only_unless):
            return None
        text = f"if {node.only_if}" if node.only_if else f"unless {node.only_unless}"
        self.arrow()
        half, slope = len(text) * SMALL_LETTER / 2 + 4, 10
        top, middle, bottom = self.y, self.y + CONDITION / 2, self.y + CONDITION
        right = half + slope
        hexagon = (
            f"M{-right:.1f} {middle} L{-half:.1f} {top} H{half:.1f} "
            f"L{right:.1f} {middle} L{half:.1f} {bottom} H{-half:.1f} Z"
        )
        self.shapes += [
            _path(hexagon, "condition"),
            _text(0, middle + 4, text, "small"),
        ]
        self.lefts.append(-right)
        self.rights.append(right)
        self.y = bottom
        return right, middle

    def bypass(self, right: float, top: float, edges: int) -> None:
        """Draw the way around what a condition does not let run."""
        lane = max(*self.rights[edges:], right + 2 * PAD) + PAD
        self.shapes += [
            _text(right + 6, top - 4, "else", "small left"),
            _path(f"M{right:.1f} {top} H{lane:.1f} V{self.y + GAP / 2} H0"),
        ]
        self.rights.append(lane)

    def box(self, lines: list[str], kind: str) -> None:
        """Draw a box on the axis; its first line is its name."""
        [name, *small] = lines
        wide = max(len(name) * LETTER, *(len(it) * SMALL_LETTER for it in small), 60)
        width, height = wide + 2 * PAD, len(lines) * LINE + PAD
        self.shapes.append(_rect(kind, -width / 2, self.y, width, height))
        for index, line in enumerate(lines):
            at = self.y + LINE * (index + 1) + 1
            self.shapes.append(_text(0, at, line, "small" if index else "name"))
        self.lefts.append(-width / 2)
        self.rights.append(width / 2)
        self.y += height

    def arrow(self) -> None:
        """Draw the axis down to what comes next."""
        self.axis(GAP)
        self.shapes.append(_path(f"M0 {self.y} l-4 -7 h8 Z", "tip"))

    def axis(self, length: float) -> None:
        self.shapes.append(_path(f"M0 {self.y} v{length}"))
        self.y += length


def _path(course: str, kind: str = "line") -> str:
    return f'<path class="{kind}" d="{course}"/>'


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}"/>'
    )


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y}">{escape(text)}</text>'
