"""
IssueInvoice.inputs (default_mutable.py:10): attribute 'lines' has a mutable
default, which all runs would share. Write factory=list.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        lines: list[int] = []  # noqa: RUF012
