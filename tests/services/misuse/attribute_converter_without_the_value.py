"""
IssueInvoice.inputs (attribute_converter_without_the_value.py:11): attribute():
converter= must take (value).
"""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(converter=lambda: 1)
