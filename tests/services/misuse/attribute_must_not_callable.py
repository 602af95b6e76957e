"""
IssueInvoice.inputs (attribute_must_not_callable.py:11): attribute() was given
bool True, which cannot be called.
"""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(must={"must be even": True})
