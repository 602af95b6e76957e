"""
IssueInvoice (steps_a_list.py:9): 'steps' is not a tuple of make(...) and
stage(...), but list. Mind the comma behind a single one.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = [make("save")]  # noqa: RUF012

    def save(self) -> None: ...
