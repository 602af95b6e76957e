"""The flow of a service, as text that a test can compare."""

from services import Service
from services.steps import Step


def flow_of(service: type[Service]) -> list[str]:
    """Give each step with its condition, in the order of the definition."""
    return [_described(step) for step in service.definition.steps]


def _described(step: Step) -> str:
    if step.only_if:
        return f"{step.name} if {step.only_if}"
    if step.only_unless:
        return f"{step.name} unless {step.only_unless}"
    return step.name
