"""
IssueInvoice (stage_of_text.py:10): stage() takes make(...) and stage(...), got
str 'save'.
"""

from services import Service, stage


class IssueInvoice(Service):
    steps = (stage("save"),)
