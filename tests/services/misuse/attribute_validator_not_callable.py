"""
IssueInvoice.inputs (attribute_validator_not_callable.py:11): attribute() was
given int 1, which cannot be called.
"""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(validator=[1])
