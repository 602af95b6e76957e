"""
IssueInvoice (step_is_a_classmethod.py:9): step 'save' is a classmethod. Drop
'@classmethod'.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    @classmethod
    def save(cls, total: int) -> None: ...
