"""
IssueInvoice (layer_misspelt.py:9): class 'internal' is made of Internals, but
nothing reads it. Name it 'internals'.
"""

from services import Internals, Service


class IssueInvoice(Service):
    class internal(Internals):
        number: int
