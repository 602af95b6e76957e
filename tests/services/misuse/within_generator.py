"""
IssueInvoice (within_generator.py:11): within='atomic' contains 'yield', so that
calling it does nothing. Decorate it with @contextmanager.
"""

from collections.abc import Iterator

from services import Service, make, stage


class IssueInvoice(Service):
    steps = (stage(make("save"), within="atomic"),)

    def atomic(self) -> Iterator[None]:
        yield

    def save(self) -> None: ...
