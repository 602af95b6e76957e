"""
IssueInvoice (place_inside_a_stage.py:10): before= and after= are for a step
outside of stages.
"""

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (make("save"), stage(make("check", before="save")))
