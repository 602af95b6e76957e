"""
IssueInvoice.inputs (attribute_converter_of_attrs.py:13): attribute(): converter=
is attrs' Converter. Pass a function of the value.
"""

import attrs

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(converter=attrs.Converter(int, takes_self=True))
