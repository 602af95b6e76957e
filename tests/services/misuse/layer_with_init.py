"""
IssueInvoice.inputs (layer_with_init.py:10): its __init__ would go round the
checks. Use attribute(converter=..., factory=..., must=...).
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        def __init__(self) -> None: ...
