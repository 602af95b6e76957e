"""
IssueInvoice.inputs (attribute_converter_not_callable.py:11): attribute() was
given str 'int', which cannot be called.
"""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(converter="int")
