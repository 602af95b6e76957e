"""IssueInvoice (step_is_a_class.py:6): step 'count' is a class. Write a method."""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("count"),)
    count = int
