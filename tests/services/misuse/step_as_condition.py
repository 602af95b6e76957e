"""
IssueInvoice (step_as_condition.py:9): only_if='save' is a step as well. A
method is one or the other: write a second one.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save", only_if="save"),)

    def save(self) -> None: ...
