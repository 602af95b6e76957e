"""
IssueInvoice.inputs (annotation_type_variable.py:14): attribute 'item': ~T has
no values that could be checked.
"""

from typing import TypeVar

from services import Inputs, Service

T = TypeVar("T")


class IssueInvoice(Service):
    class inputs(Inputs):
        item: T
