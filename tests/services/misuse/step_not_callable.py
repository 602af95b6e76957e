"""IssueInvoice (step_not_callable.py:6): step 'save' is not a method but str."""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)
    save = "now"
