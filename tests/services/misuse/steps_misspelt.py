"""
IssueInvoice (steps_misspelt.py:9): 'step' holds steps, but nothing runs them. Name
it 'steps'.
"""

from services import Service, make


class IssueInvoice(Service):
    step = (make("save"),)

    def save(self) -> None: ...
