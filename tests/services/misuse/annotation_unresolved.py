"""
IssueInvoice.inputs (annotation_unresolved.py:11): annotation 'Invoice' of
'invoice' cannot be resolved (name 'Invoice' is not defined). Import what it
names outside of 'if TYPE_CHECKING'.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        invoice: "Invoice"  # noqa: F821
