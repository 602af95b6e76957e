"""
IssueInvoice.inputs (default_sensitive.py:10): the default of key must be bytes,
got str ***.
"""

from services import Inputs, Service, attribute


class IssueInvoice(Service):
    class inputs(Inputs):
        key: bytes = attribute(default="hunter2", sensitive=True)
