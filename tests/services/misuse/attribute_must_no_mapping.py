"""
IssueInvoice.inputs (attribute_must_no_mapping.py:11): attribute(): must= is no
mapping but function. Write must={'must be ...': ...}.
"""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(must=lambda value: value > 0)
