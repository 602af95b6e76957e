"""
IssueInvoice (within_async_generator.py:11): within='session' contains 'yield', so
that calling it does nothing. Decorate it with @asynccontextmanager.
"""

from collections.abc import AsyncIterator

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), within="session"),)

    async def session(self) -> AsyncIterator[None]:
        yield

    async def save(self) -> None: ...
