"""
IssueInvoice.inputs (attribute_validator_of_the_value_in_a_list.py:14):
attribute(): validator= must take (instance, attribute, value). For a predicate
write must={'must be ...': ...}.
"""

from attrs.validators import ge

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(validator=[ge(1), lambda value: value % 2])
