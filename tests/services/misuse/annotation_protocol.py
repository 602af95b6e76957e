"""
IssueInvoice.inputs (annotation_protocol.py:16): attribute 'priced': protocol
Priced is not runtime_checkable.
"""

from typing import Protocol

from services import Inputs, Service


class Priced(Protocol):
    price: int


class IssueInvoice(Service):
    class inputs(Inputs):
        priced: Priced
