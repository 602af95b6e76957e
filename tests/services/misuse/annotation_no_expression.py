"""
IssueInvoice.inputs (annotation_no_expression.py:10): annotation 'int +' of
'total' cannot be resolved (invalid syntax (<string>, line 1)).
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        total: "int +"  # noqa: F722
