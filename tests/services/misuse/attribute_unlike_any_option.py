"""
IssueInvoice.outputs (attribute_unlike_any_option.py:12): attribute() has no
option 'xyz'. It has default, factory, converter, validator, must, doc,
sensitive, alias.
"""

from services import Outputs, Service, attribute


class IssueInvoice(Service):
    class outputs(Outputs):
        number: str = attribute(xyz=5)
