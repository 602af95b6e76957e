"""IssueInvoice.inputs (alias_taken.py:7): two attributes are given as 'total'."""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int
        amount: int = attribute(alias="total")
