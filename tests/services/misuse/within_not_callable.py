"""
IssueInvoice (within_not_callable.py:11): within='atomic' is not a method but
nullcontext.
"""

from contextlib import nullcontext

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), within="atomic"),)
    atomic = nullcontext()

    def save(self) -> None: ...
