"""
IssueInvoice.inputs (annotation_text_within.py:10): attribute 'lines': Line has
no values that could be checked.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        lines: list["Line"]  # noqa: F821
