"""The flow of a service, as text that a test can compare."""

from collections.abc import Iterator

from services import Service
from services.steps import Node, Step


def flow_of(service: type[Service]) -> list[str]:
    """Give each step with its conditions, in the order of the definition."""
    return list(_described(service.definition.flow, ""))


def _described(nodes: tuple[Node, ...], around: str) -> Iterator[str]:
    for node in nodes:
        condition = ""
        if node.only_if:
            condition = f" if {node.only_if}"
        elif node.only_unless:
            condition = f" unless {node.only_unless}"
        if isinstance(node, Step):
            yield f"{node.name}{condition}{around}"
        else:
            yield from _described(node.nodes, f"{condition}{around}")
