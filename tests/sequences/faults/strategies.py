"""How documents are numbered: each guarantee as this package keeps it.

A strategy is used by many processes at once, each with an object of its own.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import ClassVar, Final

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from sequences import (
    AllocateNumber,
    BlocksUsedUp,
    ClaimNumber,
    Guarantee,
    NextNumber,
    NumberPending,
    ReplenishPool,
    Sequence,
    allocate,
    close_allocators,
)
from services import Failure, Success
from tests.sequences.faults import sessions
from tests.sequences.faults.fates import RolledBackError, befall
from tests.sequences.faults.models import Document

BLOCK_SIZE: Final = 10

Note = Callable[..., None]
"""Adds an event to the history of the process."""


class Strategy:
    """Numbers that are drawn in the transaction of their document."""

    guarantee: ClassVar = Guarantee.SERIAL

    def __init__(self, series: str) -> None:
        self.sequence = Sequence(
            series,
            guarantee=self.guarantee,
            block_size=BLOCK_SIZE,
            column="faults.Document.number",
        )

    def prepare(self) -> None:
        """Make what the series needs, before anybody works."""

    def draw(self) -> int:
        """Take a number."""
        return allocate(self.sequence)

    def make(self, operation: str, fate: str, note: Note) -> int:
        """Make one numbered document, and let its fate befall it."""
        with transaction.atomic():
            if fate == "rolled back to a savepoint":
                with suppress(RolledBackError), transaction.atomic():
                    Document.objects.create(operation=operation, number=self.draw())
                    raise RolledBackError
            number = self.draw()
            befall(fate, "after the draw", operation)
            Document.objects.create(operation=operation, number=number)
            befall(fate, "before commit", operation)
        befall(fate, "after commit", operation)
        return number

    def leave(self) -> None:
        """End the work of a process in good order."""

    def rest(self) -> None:
        """Do what the next run will do, when nobody else is at work."""


class Serial(Strategy):
    """AllocateNumber."""


class Impatient(Strategy):
    """AllocateNumber, asked again and again without waiting."""

    def draw(self) -> int:
        """Take a number as soon as nobody holds the series."""
        while True:
            match AllocateNumber.attempt(sequence=self.sequence, nowait=True):
                case Success(outputs):
                    return outputs.value
                case Failure():
                    time.sleep(0.001)


class Keyed(Strategy):
    """AllocateNumber with a ledger: who lost the answer asks again, by the same key."""

    def __init__(self, series: str) -> None:
        super().__init__(series)
        self.sequence = Sequence(series, column="faults.Document.number", ledger=True)

    def make(self, operation: str, fate: str, note: Note) -> int:
        try:
            return self._once(operation, fate)
        except DatabaseError:
            sessions.leave()
            sessions.connect()
            return self._once(operation, "well")

    def _once(self, operation: str, fate: str) -> int:
        with transaction.atomic():
            given = AllocateNumber.run(sequence=self.sequence, key=operation)
            befall(fate, "after the draw", operation)
            if not given.found:
                Document.objects.create(operation=operation, number=given.value)
            befall(fate, "before commit", operation)
        befall(fate, "after commit", operation)
        return given.value


class InInsert(Strategy):
    """NextNumber: PostgreSQL draws while it inserts."""

    def make(self, operation: str, fate: str, note: Note) -> int:
        with transaction.atomic():
            document = Document.objects.create(
                operation=operation, number=NextNumber(self.sequence)
            )
            befall(fate, "after the draw", operation)
            document.refresh_from_db(fields=["number"])
            befall(fate, "before commit", operation)
        befall(fate, "after commit", operation)
        number: int = document.number
        return number


class Pooled(Strategy):
    """ClaimNumber, and ReplenishPool while others are in their transactions."""

    guarantee = Guarantee.POOLED

    def make(self, operation: str, fate: str, note: Note) -> int:
        if fate == "replenishes":
            ReplenishPool.run(sequence=self.sequence)
        return super().make(operation, fate, note)

    def rest(self) -> None:
        """Replenish, and give out as many numbers as are missing."""
        for _ in range(2):
            ReplenishPool.run(sequence=self.sequence)
        numbers = set(Document.objects.values_list("number", flat=True))
        for each in range(max(numbers, default=0) - len(numbers)):
            with transaction.atomic():
                number = ClaimNumber.run(sequence=self.sequence).value
                Document.objects.create(operation=f"rest-{each}", number=number)


class PooledAhead(Pooled):
    """The same, with a pool that is there before the first claim."""

    def prepare(self) -> None:
        ReplenishPool.run(sequence=self.sequence)


class PooledInInsert(Pooled, InInsert):
    """NextNumber of a pool: PostgreSQL claims while it inserts."""


class Grouped(Strategy):
    """NumberPending, right after the commit of the document."""

    guarantee = Guarantee.GROUPED

    def make(self, operation: str, fate: str, note: Note) -> int:
        with transaction.atomic():
            document = Document.objects.create(operation=operation)
            befall(fate, "before commit", operation)
        note("saved", operation, time.monotonic_ns())
        befall(fate, "after saving", operation)
        number = self.number(document.pk)
        befall(fate, "after commit", operation)
        assert number is not None
        return number

    def number(self, document: int | None) -> int | None:
        """Number what is pending; give the number of one document."""
        run = NumberPending.run(
            sequence=self.sequence, pending=self.pending, document=document
        )
        return run.value

    @cached_property
    def pending(self) -> QuerySet[Document]:
        """All documents, by their keys: kept, as users are told to."""
        return Document.objects.order_by("pk")

    def rest(self) -> None:
        self.number(None)


class Blocks(Strategy):
    """BlockAllocator: the number is taken before the transaction begins."""

    guarantee = Guarantee.BLOCKS

    def draw(self) -> int:
        """Take a number, as soon as there is one."""
        while True:
            try:
                return allocate(self.sequence)
            except BlocksUsedUp:
                time.sleep(0.01)

    def make(self, operation: str, fate: str, note: Note) -> int:
        number = self.draw()
        befall(fate, "after the draw", operation)
        with transaction.atomic():
            Document.objects.create(operation=operation, number=number)
            befall(fate, "before commit", operation)
        befall(fate, "after commit", operation)
        return number

    def leave(self) -> None:
        with suppress(DatabaseError):  # the session was ended: nothing goes back
            close_allocators()


class Native(Strategy):
    """DrawNumber."""

    guarantee = Guarantee.NATIVE

    def prepare(self) -> None:
        with connection.cursor() as cursor:
            name = connection.ops.quote_name(self.sequence.sequence_name)
            cursor.execute(f"CREATE SEQUENCE {name}")
