"""
IssueInvoice (stage_both_conditions.py:9): a step has only_if= or only_unless=,
not both.
"""

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), only_if="is_new", only_unless="is_new"),)

    def save(self) -> None: ...

    def is_new(self) -> bool: ...
