"""
IssueInvoice (steps_of_text.py:9): 'steps' is not a tuple of make(...) and
stage(...): it holds str 'save'. Write make('save').
"""

from services import Service


class IssueInvoice(Service):
    steps = ("save",)

    def save(self) -> None: ...
