"""
IssueInvoice.inputs (attribute_without_annotation.py:10): attribute 'total' has
no annotation. Write 'total: <type> = ...'.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        total = 5
