"""
IssueInvoice (stage_of_two_worlds.py:12): step 'save' is async, in a stage
within='transaction', which is not. Take it out of the stage, or drop 'async'.
"""

from contextlib import nullcontext
from typing import Any

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("lock"), stage(make("save")), within="transaction"),)

    def transaction(self) -> Any:
        return nullcontext()

    def lock(self) -> None: ...

    async def save(self) -> None: ...
