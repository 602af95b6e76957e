"""
IssueInvoice (within_with_an_argument.py:9): within='atomic' must take (self)
and nothing more.
"""

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), within="atomic"),)

    def atomic(self, using: str) -> object: ...

    def save(self) -> None: ...
