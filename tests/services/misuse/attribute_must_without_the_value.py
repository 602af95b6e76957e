"""
IssueInvoice.inputs (attribute_must_without_the_value.py:11): attribute(): must=
must take (value).
"""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(must={"must be even": lambda: True})
