"""
IssueCreditNote (steps_listed_again.py:15): step 'save' is inherited. List new
steps alone; to replace it, redefine its method.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    def save(self) -> None: ...


class IssueCreditNote(IssueInvoice):
    steps = (*IssueInvoice.steps, make("book"))

    def book(self) -> None: ...
