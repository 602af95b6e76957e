"""
IssueInvoice.inputs (annotation_misspelt.py:12): annotation 'Decimel' of 'total'
cannot be resolved (name 'Decimel' is not defined). Did you mean 'Decimal'?
"""  # noqa: D400

from decimal import Decimal  # noqa: F401

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        total: "Decimel"  # noqa: F821
