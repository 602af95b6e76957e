"""
IssueInvoice (condition_without_method.py:9): only_if='is_new' has no method.
Define 'def is_new(self)'.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save", only_if="is_new"),)

    def save(self) -> None: ...
