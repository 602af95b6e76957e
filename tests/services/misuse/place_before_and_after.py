"""
IssueInvoice (place_before_and_after.py:9): a step goes before= or after=
another, not both.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"), make("check", before="save", after="save"))

    def save(self) -> None: ...

    def check(self) -> None: ...
