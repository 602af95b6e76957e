"""
IssueInvoice (method_named_definition.py:9): 'definition' would replace what
Service has of that name. Choose another.
"""

from services import Service


class IssueInvoice(Service):
    def definition(self) -> str:
        return "an invoice"
