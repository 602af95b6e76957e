"""
IssueInvoice (step_not_by_name.py:9): step 5 is not the name of a method. Write
it as text.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make(5),)
