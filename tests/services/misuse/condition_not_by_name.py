"""
IssueInvoice (condition_not_by_name.py:9): only_if=True is not the name of a
method. Write it as text.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save", only_if=True),)

    def save(self) -> None: ...
