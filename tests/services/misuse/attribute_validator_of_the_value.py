"""
IssueInvoice.inputs (attribute_validator_of_the_value.py:12): attribute():
validator= must take (instance, attribute, value). For a predicate write
must={'must be ...': ...}.
"""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(validator=lambda value: value > 0)
