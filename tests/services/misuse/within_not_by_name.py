"""
IssueInvoice (within_not_by_name.py:11): within=<class 'contextlib.nullcontext'>
is not the name of a method. Write it as text.
"""

from contextlib import nullcontext

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), within=nullcontext),)

    def save(self) -> None: ...
