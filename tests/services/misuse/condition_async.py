"""
IssueInvoice (condition_async.py:9): only_if='is_new' is async, and the service
is not. Drop 'async'.
"""

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save", only_if="is_new"),)

    def save(self) -> None: ...

    async def is_new(self) -> bool: ...
