"""
IssueInvoice.internals (alias_of_an_internal.py:10): attribute 'number' has
alias='no', which is for inputs: nobody gives it by name. Drop it.
"""

from services import Internals, Service, attribute


class IssueInvoice(Service):
    class internals(Internals):
        number: int = attribute(alias="no")
