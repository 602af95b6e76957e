"""
IssueInvoice.inputs (attribute_default_and_factory.py:11): attribute() takes
default or factory, not both.
"""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(default=5, factory=int)
