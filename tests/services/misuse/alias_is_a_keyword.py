"""
IssueInvoice.inputs (alias_is_a_keyword.py:11): alias='from' is no name for an
argument. Choose another.
"""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        sender: str = attribute(alias="from")
