"""
IssueInvoice (within_without_method.py:9): within='atomic' has no method. Define
'def atomic(self)'.
"""

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), within="atomic"),)

    def save(self) -> None: ...
