"""
IssueCreditNote (layer_without_its_parent.py:14): 'inputs' would lose what it
inherits. Write 'class inputs(IssueInvoice.inputs)'.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int


class IssueCreditNote(IssueInvoice):
    class inputs(Inputs):
        reason: str
