"""
IssueInvoice.inputs (annotation_unresolved.py:11): annotation 'Invoice' of
'invoice' cannot be resolved (name 'Invoice' is not defined). Define or import
it above the class, outside of 'if TYPE_CHECKING'.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        invoice: "Invoice"  # noqa: F821
