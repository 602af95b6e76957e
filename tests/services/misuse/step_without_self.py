"""
IssueInvoice (step_without_self.py:9): step 'save' must take (self) and nothing
more.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    def save() -> None: ...
