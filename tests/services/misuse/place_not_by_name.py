"""IssueInvoice (place_not_by_name.py:6): there is no step 5 to place one by."""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"), make("check", before=5))

    def save(self) -> None: ...

    def check(self) -> None: ...
