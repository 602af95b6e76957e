"""
IssueCreditNote (place_unknown.py:15): there is no step 'sav' to place one by.
Did you mean 'save'?
"""  # noqa: D400

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    def save(self) -> None: ...


class IssueCreditNote(IssueInvoice):
    steps = (make("check", before="sav"),)

    def check(self) -> None: ...
