"""
IssueInvoice.inputs (default_of_wrong_type.py:10): the default of total must be
int, got str '5'.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = "5"
