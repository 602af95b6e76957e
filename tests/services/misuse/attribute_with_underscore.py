"""
IssueInvoice.inputs (attribute_with_underscore.py:10): attribute '_total' begins
with an underscore. Name it 'total'.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        _total: int
