"""
IssueInvoice.inputs (annotation_generator.py:13): attribute 'lines': what is
inside Generator[int, None, None] cannot be checked; write Generator[Any, Any,
Any].
"""

from collections.abc import Generator

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        lines: Generator[int, None, None]
