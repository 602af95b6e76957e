"""
IssueInvoice (layer_not_a_class.py:9): 'internals' is not made of Internals.
Write 'class internals(Internals)'.
"""

from services import Service


class IssueInvoice(Service):
    internals = ("last", "next")
