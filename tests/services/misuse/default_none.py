"""
IssueInvoice.outputs (default_none.py:10): the default of number must be str,
got None.
"""

from services import Outputs, Service


class IssueInvoice(Service):
    class outputs(Outputs):
        number: str = None
