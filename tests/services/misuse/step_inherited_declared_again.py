"""
IssueCreditNote (step_inherited_declared_again.py:16): step 'save' is declared
twice. Give the second another name; to replace an inherited step, redefine its
method.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    def save(self) -> None: ...


class IssueCreditNote(IssueInvoice):
    steps = (make("save"),)
