"""
IssueInvoice.outputs (alias_of_an_output.py:10): attribute 'number' has
alias='no', which is for inputs: nobody gives it by name. Drop it.
"""

from services import Outputs, Service, attribute


class IssueInvoice(Service):
    class outputs(Outputs):
        number: int = attribute(alias="no")
