"""
IssueInvoice.inputs (attribute_named_self.py:10): attribute 'self' has a name of
Python's or ours. Choose another.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        self: int
