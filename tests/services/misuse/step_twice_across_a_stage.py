"""
IssueInvoice (step_twice_across_a_stage.py:9): step 'save' is declared twice.
Give the second another name.
"""

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (make("save"), stage(make("save")))

    def save(self) -> None: ...
