"""
IssueInvoice (within_coroutine.py:10): within='session' is a coroutine and no context
manager. Let it 'yield' where the steps run, and decorate it with
@asynccontextmanager.
"""

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), within="session"),)

    async def session(self) -> None: ...

    async def save(self) -> None: ...
