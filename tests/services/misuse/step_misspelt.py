"""
IssueInvoice (step_misspelt.py:9): step 'alocate' has no method. Did you mean
'allocate'?
"""  # noqa: D400

from services import Service, make


class IssueInvoice(Service):
    steps = (make("alocate"),)

    def allocate(self) -> None: ...
