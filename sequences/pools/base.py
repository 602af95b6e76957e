"""What every pool can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from django.db import connections

from sequences.counters.base import stored

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from sequences.definitions import Sequence


class Pool(ABC):
    """
    The pool of one sequence on one database, for one run of a service.

    :ivar sequence: the sequence whose numbers it holds.
    :ivar using: the alias of the database.
    """

    def __init__(self, sequence: Sequence, using: str) -> None:
        self.sequence = sequence
        self.using = using

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """The connection of this thread to the pool's database."""
        return connections[self.using]

    @abstractmethod
    def claim(self) -> int | None:
        """Take a number in the caller's transaction; None if there is none at hand."""

    @abstractmethod
    def replenish(self) -> int:
        """
        Put free numbers into the pool, outside of any transaction; tell how many.

        Numbers that rolled back are free once it is certain that they did.
        """

    def _sql(self, statement: str, *, documents: str = "", **names: str) -> str:
        """Put quoted names, and a query of documents, into a statement."""
        tables = {
            "pooled_number": stored("PooledNumber")._meta.db_table,
            "pool": stored("Pool")._meta.db_table,
            **names,
        }
        quote = self.connection.ops.quote_name
        quoted = {key: quote(name) for key, name in tables.items()}
        return statement.format(documents=documents, **quoted)
