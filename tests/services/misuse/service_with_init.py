"""
IssueInvoice (service_with_init.py:9): a service has no __init__. Declare inputs
instead.
"""

from services import Service


class IssueInvoice(Service):
    def __init__(self, total: int) -> None: ...
