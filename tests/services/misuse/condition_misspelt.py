"""
IssueInvoice (condition_misspelt.py:9): only_unless='is_nw' has no method. Did
you mean 'is_new'?
"""  # noqa: D400

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save", only_unless="is_nw"),)

    def save(self) -> None: ...

    def is_new(self) -> bool: ...
