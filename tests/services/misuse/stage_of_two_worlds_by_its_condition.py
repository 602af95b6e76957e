"""
IssueInvoice (stage_of_two_worlds_by_its_condition.py:13): only_if='is_new' is async,
in a stage within='transaction', which is not. Take it out of the stage, or drop
'async'.
"""

from contextlib import nullcontext
from typing import Any

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), within="transaction", only_if="is_new"),)

    def transaction(self) -> Any:
        return nullcontext()

    def save(self) -> None: ...

    async def is_new(self) -> bool: ...
