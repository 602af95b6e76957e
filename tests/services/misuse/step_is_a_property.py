"""
IssueInvoice (step_is_a_property.py:9): step 'save' is not a method but
property.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    @property
    def save(self) -> None: ...
