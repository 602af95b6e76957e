"""
IssueInvoice (steps_not_a_tuple.py:9): 'steps' is not a tuple of make(...) and
stage(...), but Step. Mind the comma behind a single one.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = make("save")

    def save(self) -> None: ...
