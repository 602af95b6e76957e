"""
IssueInvoice (step_as_context_manager.py:9): within='lock' is a step as well. A
method is one or the other: write a second one.
"""

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (make("lock"), stage(make("save"), within="lock"))

    def lock(self) -> None: ...

    def save(self) -> None: ...
