"""
Directives that read the documentation from the code it is about.

``service`` shows the contract and the flow of a service, ``flow`` its picture alone,
``guarantees`` the ladder, and ``promise`` one rung of it.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
from docutils import nodes
from pictures import picture
from sphinx.util.docutils import SphinxDirective

from sequences.guarantees import LADDER, Guarantee, Promise
from services.describe import to_mermaid
from services.fields import declared
from services.steps import Node, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sphinx.application import Sphinx

    from services import Definition, Service

WIDEST = 40
HEADINGS = {
    "gapless": "no gaps",
    "order": "order",
    "waits": "callers wait",
    "after_crash": "after a crash",
    "trips": "trips a number",
    "service": "service",
}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> nodes.table:
    """Make a table; what stands in backticks is code."""
    rows = [list(row) for row in rows]
    group = nodes.tgroup(cols=len(heads))
    for column in zip(heads, *rows, strict=True):
        group += nodes.colspec(colwidth=min(max(map(len, column)) + 2, WIDEST))
    group += nodes.thead("", _row(heads))
    group += nodes.tbody("", *map(_row, rows))
    # Widths are for paper and terminals: the browser knows better.
    return nodes.table("", group, classes=["colwidths-auto"])


def _row(cells: Iterable[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", _paragraph(cell)) for cell in cells))


def _paragraph(text: str) -> nodes.paragraph:
    parts = text.replace("``", "`").split("`")
    return nodes.paragraph(
        "",
        "",
        *(
            nodes.literal(part, part) if index % 2 else nodes.Text(part)
            for index, part in enumerate(parts)
        ),
    )


class GuaranteeLadder(SphinxDirective):
    """Show the rungs of the ladder: ``.. guarantees::``."""

    def run(self) -> list[nodes.Node]:
        rows = [
            [f"`{rung.name}`", *(_told(promise, fact) for fact in HEADINGS)]
            for rung, promise in LADDER.items()
        ]
        return [table(["", *HEADINGS.values()], rows)]


def _told(promise: Promise, fact: str) -> str:
    value: str = getattr(promise, fact)
    return f"`{value}`" if fact == "service" else value


class OnePromise(SphinxDirective):
    """Show what one rung promises: ``.. promise:: SERIAL``."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        promise = Guarantee[self.arguments[0]].promise
        rows = [[word, _told(promise, fact)] for fact, word in HEADINGS.items()]
        return [_paragraph(promise.summary), table(["", "it promises"], rows)]


class ServiceFlow(SphinxDirective):
    """Show what a service takes and gives, and its steps: ``.. service:: path``."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        service = _found(self.arguments[0])
        definition = service.definition
        shown: list[nodes.Node] = []
        for layer in ("inputs", "outputs"):
            rows = list(_attributes(getattr(definition, layer)))
            if rows:
                heads = [layer, "type", "default", ""]
                shown.append(table(heads, rows))
        steps = list(_steps(definition.flow, service))
        shown.append(table(["step", "runs", "does"], steps))
        return [*shown, *flowchart(definition)]


class ServicePicture(SphinxDirective):
    """Show the flow of a service as a picture: ``.. flow:: path``."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        return flowchart(_found(self.arguments[0]).definition)


def _found(path: str) -> type[Service]:
    module, _, name = path.rpartition(".")
    service: type[Service] = getattr(import_module(module), name)
    return service


def flowchart(definition: Definition) -> list[nodes.Node]:
    """Draw a flow; its Mermaid text, for other tools, is folded beside it."""
    text = to_mermaid(definition)
    return [
        _html(f'<figure class="flow">{picture(definition)}'),
        _html("<details><summary>The same as Mermaid text</summary>"),
        nodes.literal_block(text, text, language="text"),
        _html("</details></figure>"),
    ]


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def _attributes(layer: type) -> Iterator[list[str]]:
    for field in attrs.fields(layer):
        about = declared(field)
        yield [
            f"`{field.alias or field.name}`",
            f"`{about.annotation or inspect.formatannotation(field.type)}`",
            "required" if field.default is attrs.NOTHING else _default(field.default),
            about.doc,
        ]


def _default(default: Any) -> str:
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return f"`{default.factory.__name__}()`"
    return f"`{default!r}`"


def _steps(
    flow: Iterable[Node], cls: type, within: str = "always"
) -> Iterator[list[str]]:
    for node in flow:
        runs = _condition(node) or within
        if isinstance(node, Stage):
            inside = f"within `{node.within}`" if node.within else runs
            yield from _steps(node.nodes, cls, inside)
        else:
            method: Callable[..., Any] = getattr(cls, node.name)
            doc = (inspect.getdoc(method) or "").split("\n\n")[0]
            yield [f"`{node.name}`", runs, doc.replace("\n", " ")]


def _condition(node: Node) -> str:
    if node.only_if:
        return f"if `{node.only_if}`"
    return f"unless `{node.only_unless}`" if node.only_unless else ""


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx about the directives."""
    app.add_directive("guarantees", GuaranteeLadder)
    app.add_directive("promise", OnePromise)
    app.add_directive("service", ServiceFlow)
    app.add_directive("flow", ServicePicture)
    return {"parallel_read_safe": True}
