"""A service as text, and as a Mermaid picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import NOTHING, Factory, define, field

from services.dataflow import LAYERS
from services.fields import declared, fields_of
from services.steps import Stage
from services.wording import MASK, short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.dataflow import Access, Name
    from services.definition import Definition
    from services.steps import Node

WIDTH: Final = 88


def describe(definition: Definition) -> str:
    """Give the contract and the flow as text; see :meth:`services.Service.describe`."""
    doc = " ".join(definition.doc.split("\n\n")[0].split())
    rows = list(_rows(definition, definition.flow, 1, _Counter()))
    parts = [
        "\n".join(line for line in (contract(definition), doc) if line),
        "\n".join(_aligned(rows)),
        "\n".join(definition.findings),
    ]
    return "\n\n".join(part for part in parts if part)


def contract(definition: Definition) -> str:
    """Give ``Name(input: type = default) -> output: type``; long ones on more lines."""
    inputs = [_parameter(each) for each in fields_of(definition.inputs).values()]
    outputs = ", ".join(
        f"{name}: {declared(each).annotation}"
        for name, each in fields_of(definition.outputs).items()
    )
    arrow = f" -> {outputs}" if outputs else ""
    name = f"async {definition.name}" if definition.awaited else definition.name
    line = f"{name}({', '.join(inputs)}){arrow}"
    if len(line) <= WIDTH:
        return line
    body = "".join(f"    {each},\n" for each in inputs)
    return f"{name}(\n{body}){arrow}"


def _parameter(each: Any) -> str:
    kept = declared(each)
    name = f"{each.alias or each.name}: {kept.annotation}"
    if each.default is NOTHING:
        return name
    if kept.sensitive:
        return f"{name} = {MASK}"
    if isinstance(each.default, Factory):  # type: ignore[arg-type]
        called = getattr(each.default.factory, "__name__", "...")
        return f"{name} = {'...' if called == '<lambda>' else called}()"
    return f"{name} = {short(each.default)}"


class _Counter:
    """Numbers the steps, through all stages."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        self.last += 1
        return self.last


Row = tuple[str, ...]


def _rows(
    definition: Definition, nodes: tuple[Node, ...], depth: int, counter: _Counter
) -> Iterator[Row | str]:
    """Give a row for each step, and a line for each stage."""
    indent = "  " * depth
    digits = len(str(len(definition.steps)))
    for node in nodes:
        if isinstance(node, Stage):
            yield f"{indent}{_stage_line(node)}"
            yield from _rows(definition, node.nodes, depth + 1, counter)
        else:
            place = f"{counter.next():>{digits}}"
            label = f"{indent}{place}  {node.name}"
            yield (label, _condition(node), *_access(definition, node.name))


def _stage_line(stage: Stage) -> str:
    words = [
        f"{role} {getattr(stage, role)}"
        for role in ("within", "recover", "compensate")
        if getattr(stage, role) is not None
    ]
    condition = _condition(stage)
    return ", ".join([*words, condition] if condition else words) or "stage"


def _condition(node: Node) -> str:
    if node.only_if is not None:
        return f"if {node.only_if}"
    return "" if node.only_unless is None else f"unless {node.only_unless}"


def _access(definition: Definition, name: str) -> tuple[str, str]:
    """Give what a step takes, and what comes of it."""
    access = definition.dataflow[name]
    reads = ", ".join(_shown(definition, each) for each in access.reads)
    whole = ", ".join(layer for layer in LAYERS if layer in access.opaque)
    effects = (
        f"sets {', '.join(_set_by(access))}" if access.sets else "",
        f"hands on {whole}" if whole else "",
        "may end the run" if access.may_end_run else "",
    )
    return f"reads {reads}" if reads else "", "; ".join(filter(None, effects))


def _set_by(access: Access) -> Iterator[str]:
    yield from (name for layer, name in access.sets if layer != "outputs")
    outputs = [name for layer, name in access.sets if layer == "outputs"]
    if outputs:
        yield f"output{'s' if outputs[1:] else ''} {', '.join(outputs)}"


def _shown(definition: Definition, name: Name) -> str:
    """Give an attribute, with its layer where the name alone would not tell it."""
    layer, attribute = name
    if layer == "outputs":
        return f"{attribute} (output)"
    others = [
        each
        for each in LAYERS
        if each not in (layer, "outputs")
        and attribute in fields_of(getattr(definition, each))
    ]
    return f"{layer}.{attribute}" if others else attribute


def _aligned(rows: list[Row | str]) -> Iterator[str]:
    """Put what belongs together below each other; a column of nothing is left out."""
    cells = [row for row in rows if not isinstance(row, str)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in rows:
        if isinstance(row, str):
            yield row
        else:
            shown = (
                f"{cell:<{width}}"
                for index, (cell, width) in enumerate(zip(row, widths, strict=True))
                if width
            )
            # Two blanks between columns, one behind the name: it begins a sentence.
            yield "  ".join(shown).rstrip()


# --- Mermaid --------------------------------------------------------------------------


def to_mermaid(definition: Definition) -> str:
    """
    Give the flow as a Mermaid flowchart: conditions, stages, recoveries, early ends.

    .. versionadded:: 0.1
    """
    chart = _Chart(definition=definition)
    chart.node("begin", f"{definition.name}", "([", "])")
    chart.ends = [("begin", "")]
    chart.draw(definition.flow, 1)
    outputs = ", ".join(fields_of(definition.outputs))
    chart.join("done", outputs or "done", "([", "])", 1)
    for name in chart.early:
        chart.write(f'{name} -. "done" .-> done', 1)
    return "\n".join(["flowchart TD", *chart.lines])


@define
class _Chart:
    """
    A chart in the making.

    :ivar ends: the arrows that still lead nowhere.
    :ivar early: the nodes at which the run may end.
    """

    definition: Definition
    lines: list[str] = field(factory=list)
    ends: list[tuple[str, str]] = field(factory=list)
    early: list[str] = field(factory=list)
    counted: int = 0

    def draw(self, nodes: tuple[Node, ...], depth: int) -> None:
        for node in nodes:
            self.counted += 1
            own = self.counted
            passed_over: list[tuple[str, str]] = []
            condition = node.only_if or node.only_unless
            if condition is not None:
                yes, no = ("yes", "no") if node.only_if else ("no", "yes")
                self.join(f"if{own}", f"{condition}?", "{", "}", depth)
                self.ends, passed_over = [(f"if{own}", yes)], [(f"if{own}", no)]
            if isinstance(node, Stage):
                self.draw_stage(node, own, depth)
            else:
                self.join(f"step{own}", self.label(node.name), "[", "]", depth)
                self.note_early(f"step{own}", node.name)
            self.ends += passed_over

    def draw_stage(self, stage: Stage, own: int, depth: int) -> None:
        words = [
            f"{role} {getattr(stage, role)}"
            for role in ("within", "compensate")
            if getattr(stage, role) is not None
        ]
        title = ", ".join(words) or " "
        self.write(f'subgraph stage{own} ["{title}"]', depth)
        self.draw(stage.nodes, depth + 1)
        self.write("end", depth)
        if stage.recover is not None:
            name = f"recover{own}"
            self.node(name, f"recover {stage.recover}", "[", "]", depth)
            self.write(f'stage{own} -. "error" .-> {name}', depth)
            self.ends.append((name, ""))
            self.note_early(name, stage.recover)

    def note_early(self, node: str, method: str) -> None:
        if self.definition.dataflow[method].may_end_run:
            self.early.append(node)

    def label(self, name: str) -> str:
        sets = self.definition.dataflow[name].sets
        if not sets:
            return name
        return f"{name}<br/>sets {', '.join(attribute for _, attribute in sets)}"

    def join(self, name: str, label: str, left: str, right: str, depth: int) -> None:
        """Draw a node, and let the open arrows lead to it."""
        self.node(name, label, left, right, depth)
        for source, word in self.ends:
            arrow = f'-- "{word}" -->' if word else "-->"
            self.write(f"{source} {arrow} {name}", depth)
        self.ends = [(name, "")]

    def node(
        self, name: str, label: str, left: str, right: str, depth: int = 1
    ) -> None:
        self.write(f'{name}{left}"{label}"{right}', depth)

    def write(self, line: str, depth: int) -> None:
        self.lines.append(f"{'    ' * depth}{line}")
