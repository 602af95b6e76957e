"""
IssueInvoice.inputs (attribute_factory_with_an_argument.py:11): attribute():
factory= must take ().
"""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(factory=lambda value: value)
