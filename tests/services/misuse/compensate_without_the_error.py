"""
IssueInvoice (compensate_without_the_error.py:9): compensate='undo' must take
(self, error) and nothing more.
"""

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), compensate="undo"),)

    def save(self) -> None: ...

    def undo(self) -> None: ...
