"""
IssueInvoice.inputs (annotation_typed_dict.py:16): attribute 'line': Line is a
TypedDict; use an attrs class, or dict[str, object].
"""

from typing import TypedDict

from services import Inputs, Service


class Line(TypedDict):
    price: int


class IssueInvoice(Service):
    class inputs(Inputs):
        line: Line
