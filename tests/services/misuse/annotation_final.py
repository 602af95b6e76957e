"""
IssueInvoice.inputs (annotation_final.py:12): attribute 'total': Final[int] has
no values that could be checked.
"""

from typing import Final

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        total: Final[int]
