"""
IssueInvoice.inputs (annotation_type_of_a_union.py:10): attribute 'kind':
type[int | str] cannot be checked.
"""

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        kind: type[int | str]
