"""
IssueInvoice (conditions_both.py:9): a step has only_if= or only_unless=, not
both.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save", only_if="is_new", only_unless="is_old"),)

    def save(self) -> None: ...

    def is_new(self) -> bool: ...

    def is_old(self) -> bool: ...
