"""
IssueInvoice (step_generator.py:11): step 'save' contains 'yield', so that
calling it does nothing.
"""

from collections.abc import Iterator

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    def save(self) -> Iterator[None]:
        yield
