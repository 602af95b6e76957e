"""
IssueInvoice.inputs (attribute_of_attrs.py:12): attribute 'total' is made by
attrs.field(). Write attribute(...).
"""

import attrs

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attrs.field(validator=attrs.validators.ge(1))
