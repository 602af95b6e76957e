"""
IssueInvoice (step_async.py:9): step 'save' is async, and the service is not.
Drop 'async'.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    async def save(self) -> None: ...
