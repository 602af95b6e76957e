"""
IssueInvoice (step_with_a_reserved_name.py:9): step 'run' has a name of
Service's own. Choose another.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("run"),)
