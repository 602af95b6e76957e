"""
IssueInvoice (step_without_method.py:9): step 'save' has no method. Define 'def
save(self)'.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)
