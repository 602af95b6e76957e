"""
IssueInvoice (step_twice.py:9): step 'save' is declared twice. Give the second
another name.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"), make("save"))

    def save(self) -> None: ...
