"""
IssueInvoice (stage_of_nothing.py:10): stage() has no steps. Give it at least
one make(...).
"""

from services import Service, stage


class IssueInvoice(Service):
    steps = (stage(within="atomic"),)
