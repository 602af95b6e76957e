"""IssueInvoice (place_by_itself.py:6): there is no step 'save' to place one by."""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save", after="save"),)

    def save(self) -> None: ...
