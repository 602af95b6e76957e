"""
IssueInvoice (step_async_generator.py:11): step 'save' contains 'yield', so that
calling it does nothing.
"""

from collections.abc import AsyncIterator

from services import Service, make


class IssueInvoice(Service):
    steps = (make("save"),)

    async def save(self) -> AsyncIterator[None]:
        yield
