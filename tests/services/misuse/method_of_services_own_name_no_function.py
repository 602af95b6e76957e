"""
IssueInvoice (method_of_services_own_name_no_function.py:11): 'run' would replace
what Service has of that name. Choose another.
"""

from functools import partial

from services import Service


class IssueInvoice(Service):
    run = partial(print, "mine")  # type: ignore[assignment]
