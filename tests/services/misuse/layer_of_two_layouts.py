"""
IssueBoth.inputs (layer_of_two_layouts.py:20): multiple bases have instance
lay-out conflict. Derive one parent from the other.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int


class IssueCreditNote(Service):
    class inputs(Inputs):
        reason: str


class IssueBoth(IssueInvoice, IssueCreditNote):
    class inputs(IssueInvoice.inputs, IssueCreditNote.inputs): ...
