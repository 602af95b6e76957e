"""
IssueInvoice (method_of_services_own_name.py:9): 'describe' would replace what
Service has of that name. Choose another.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    def save(self) -> None: ...

    def describe(self) -> str:
        return "an invoice"
