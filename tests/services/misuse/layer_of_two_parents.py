"""
IssueBoth (layer_of_two_parents.py:19): 'inputs' would lose what it inherits.
Derive IssueInvoice.inputs from IssueCreditNote.inputs, or the other way round.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        total: int


class IssueCreditNote(Service):
    class inputs(Inputs):
        reason: str


class IssueBoth(IssueInvoice, IssueCreditNote): ...
