"""
IssueInvoice (step_is_a_staticmethod.py:9): step 'save' is a staticmethod. Drop
'@staticmethod'.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    @staticmethod
    def save(total: int) -> None: ...
