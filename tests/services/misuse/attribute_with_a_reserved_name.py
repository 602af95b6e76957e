"""
IssueInvoice.inputs (attribute_with_a_reserved_name.py:10): attribute
'structure' has a name of Python's or ours. Choose another.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        structure: str
