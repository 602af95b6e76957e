"""
IssueInvoice (step_twice.py:9): step 'save' is declared twice. Give the second
another name; to replace an inherited step, redefine its method.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"), make("save"))

    def save(self) -> None: ...
