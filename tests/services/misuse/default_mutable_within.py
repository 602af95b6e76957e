"""
IssueInvoice.inputs (default_mutable_within.py:10): attribute 'lines' has a
mutable default, which all runs would share. Write factory=lambda: tuple(...).
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        lines: tuple[list[int], ...] = ([],)
