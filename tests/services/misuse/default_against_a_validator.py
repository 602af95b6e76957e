"""
IssueInvoice.inputs (default_against_a_validator.py:12): the default of total is
refused: 'total' must be >= 1: 0.
"""

from attrs.validators import ge

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int = attribute(default=0, validator=ge(1))
