"""
IssueInvoice.inputs (annotation_callable.py:12): attribute 'price': what is
inside Callable[[int], str] cannot be checked; write Callable[..., Any].
"""

from collections.abc import Callable

from services import Inputs, Service


class IssueInvoice(Service):
    class inputs(Inputs):
        price: Callable[[int], str]
