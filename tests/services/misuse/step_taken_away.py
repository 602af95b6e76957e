"""
IssueCreditNote (step_taken_away.py:15): step 'save' has no method. Define 'def
save(self)'.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    def save(self) -> None: ...


class IssueCreditNote(IssueInvoice):
    save = None
