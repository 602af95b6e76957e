"""
IssueInvoice.inputs (annotation_iterator.py:12): attribute 'lines': what is
inside Iterator[int] cannot be checked; write Iterator[Any].
"""

from collections.abc import Iterator

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        lines: Iterator[int]
