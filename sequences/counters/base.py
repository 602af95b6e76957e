"""
A counter, stepwise: lock, then store. Through the ORM, and so on every database.

The modules beside this one add, for one database each, the way to do both at once.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import IntegrityError, router, transaction

from sequences.contention import translated
from sequences.errors import (
    ITS_COUNTER,
    TAKE,
    Conflict,
    DocumentsAhead,
    NoTransaction,
)
from sequences.transactions import is_in_transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

    from sequences.counters.highest import Highest
    from sequences.definitions import Sequence


@lru_cache(maxsize=64)
def _formatted(statement: str, **parts: str) -> str:
    return statement.format(**parts)


@cache
def counter_model() -> Any:
    """Give the model of the table, whatever label its app was given."""
    from sequences.models import Sequence  # noqa: PLC0415 - not before apps are ready

    return Sequence


@cache
def stored(model: str) -> Any:
    """Give a model of ours by its name, whatever label its app was given."""
    return apps.get_model(counter_model()._meta.app_label, model)


def database_of(*, for_write: bool) -> str:
    """Give the alias of the database in which the project's routers keep counters."""
    route = router.db_for_write if for_write else router.db_for_read
    return route(counter_model())


def home_of(sequence: Sequence) -> str:
    """Give the alias of the database on which a sequence counts."""
    return sequence.using or database_of(for_write=True)


class Counter:
    """
    The counter of one sequence on one database, for one run of a service.

    :ivar sequence: the sequence it counts.
    :ivar using: the alias of the database that holds it.
    :ivar connection: the connection of this thread to that database.
    :ivar highest: the query for the highest number on a document, which the counter
        must not be behind; None: nobody looks.
    """

    __slots__ = ("_exists", "connection", "highest", "sequence", "using")

    def __init__(self, sequence: Sequence, connection: BaseDatabaseWrapper) -> None:
        self.sequence = sequence
        self.using: str = connection.alias
        self.connection = connection
        self.highest: Highest | None = None
        self._exists = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.sequence.sequence_name!r}>"

    def require_transaction(self, *, deed: str = TAKE) -> None:
        """
        Refuse to go on outside of a transaction.

        :param deed: what is to be done in it, for the sentence.
        :raises NoTransaction: if none is open.
        """
        if not is_in_transaction(self.connection):
            raise NoTransaction(self.sequence.sequence_name, self.using, deed=deed)

    @contextmanager
    def own_transaction(self, *, nowait: bool = False) -> Iterator[None]:
        """Open a transaction for callers that have none; the others go on in theirs."""
        if is_in_transaction(self.connection):
            yield
            return
        with translated(self, nowait=nowait), transaction.atomic(using=self.using):
            yield

    def advances_in_one_statement(self, count: int = 1) -> bool:  # noqa: ARG002
        """Tell whether :meth:`advance` takes so many numbers in one statement."""
        return False

    def advance(self, count: int = 1) -> int:
        """
        Lock, increment or loop, and store; give the last of the numbers taken.

        :raises DocumentsAhead: if documents have passed it; the counter did not move.
        :raises SequenceExhausted: if there are fewer left; likewise.
        """
        last = self.lock()
        self.require_aligned(last)
        last = self.sequence.values_after(last, count)[-1]
        self.store(last)
        return last

    def hold(self, *, nowait: bool = False) -> None:
        """
        Keep others of this package from the counter until the transaction ends.

        :raises LockBusy: as :meth:`lock`.
        """
        self.lock(nowait=nowait)

    def lock(self, *, nowait: bool = False) -> int | None:
        """
        Hold the counter until the transaction ends; give the last number taken.

        :raises LockBusy: if ``nowait`` and another transaction holds it. The caller's
            transaction can go on.
        """
        with (
            translated(self, nowait=nowait),
            # A refusal that is expected ends a savepoint, not the transaction.
            transaction.atomic(using=self.using) if nowait else nullcontext(),
        ):
            last = self._select_for_update(nowait=nowait)
        self._exists = last is not None
        return last

    def require_aligned(self, last: int | None) -> None:
        """
        Refuse to count on behind the documents, after :meth:`lock`.

        :param last: the last number taken.
        :raises DocumentsAhead: if a document has a higher one.
        :raises Conflict: if it is that of who came first while there was no counter
            yet: what is not there, not every database can lock.
        """
        documents = self.highest_number()
        # Asked after the documents: who wrote them has moved it with them.
        if documents is not None and last is None and self.read() is not None:
            raise Conflict(self.sequence.sequence_name, self.using)
        self.require_level(last, documents)

    def require_level(self, last: int | None, documents: int | None) -> None:
        """
        Refuse to count on behind the documents.

        :param last: the last number taken.
        :param documents: the highest number on a document.
        :raises DocumentsAhead: if that is higher.
        """
        if documents is not None and (last is None or last < documents):
            raise DocumentsAhead(
                self.sequence.sequence_name,
                source=ITS_COUNTER,
                stands=last,
                documents=documents,
                by=self.sequence.progression.between(last, documents),
            )

    def highest_number(self) -> int | None:
        """Read the highest number on a document, where somebody looks."""
        if self.highest is None:
            return None
        with translated(self), self.connection.cursor() as cursor:
            cursor.execute(self.highest.statement, self.highest.parameters)
            row = cursor.fetchone()
        return None if row is None else row[0]

    def store(self, last: int) -> None:
        """
        Write the last number taken, after :meth:`lock`.

        :raises Conflict: if two transactions came first at once, and this one second.
        """
        name = self.sequence.sequence_name
        counters = counter_model()._base_manager.using(self.using)
        with translated(self):
            if self._exists:
                counters.filter(name=name).update(last=last)
                return
            try:
                with transaction.atomic(using=self.using):
                    counters.create(name=name, last=last)
            except IntegrityError as error:
                raise Conflict(name, self.using) from error

    def read(self) -> int | None:
        """Read the last number taken, as far as this transaction sees it."""
        counters = counter_model()._base_manager.using(self.using)
        counter = counters.filter(name=self.sequence.sequence_name)
        last: int | None = counter.values_list("last", flat=True).first()
        return last

    def delete(self) -> bool:
        """Delete the counter, after :meth:`lock`; tell whether there was one."""
        counters = counter_model()._base_manager.using(self.using)
        with translated(self):
            deleted, _ = counters.filter(name=self.sequence.sequence_name).delete()
        return bool(deleted)

    def _select_for_update(self, *, nowait: bool) -> int | None:
        counters = counter_model()._base_manager.using(self.using)
        locked = counters.select_for_update(nowait=nowait)
        found = locked.filter(name=self.sequence.sequence_name)
        # A list, since first() would sort by what is unique.
        return next(iter(found.values_list("last", flat=True)), None)

    def quoted(self, statement: str, **parts: str) -> str:
        """Put the quoted name of the counters' table, and SQL, into a statement."""
        table = self.connection.ops.quote_name(counter_model()._meta.db_table)
        return _formatted(statement, table=table, **parts)
