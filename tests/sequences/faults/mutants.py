"""How documents must not be numbered: bugs that the laws have to bring to light."""

import time
from collections import deque
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from sequences import ReserveBlock, get_next_value
from sequences.counters import counter_for
from sequences.models import Sequence as Counter
from sequences.pools import postgresql, rows
from tests.sequences.faults.models import Document
from tests.sequences.faults.strategies import Blocks, Grouped, Pooled, Serial

A_MOMENT_S = 0.001
"""What others have to do in between, in larger projects."""


class DrawsInAutocommit(Serial):
    """The number does not roll back with its document."""

    def make(self, operation: str, *args: Any) -> int:
        self.early = get_next_value(self.sequence.sequence_name)
        return super().make(operation, *args)

    def draw(self) -> int:
        return self.early


class DrawsFromNativeSequence(Serial):
    """No rollback takes the number back."""

    def prepare(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SEQUENCE {self.sequence.sequence_name}")

    def draw(self) -> int:
        name = self.sequence.sequence_name
        with connection.cursor() as cursor:
            quoted = f"'{name}'" if connection.vendor == "postgresql" else name
            cursor.execute(f"SELECT nextval({quoted})")
            number: int = cursor.fetchone()[0]
        return number


class ReadsUnlocked(Serial):
    """Reads, adds one, and writes: without a lock in between."""

    def prepare(self) -> None:
        Counter.objects.create(name=self.sequence.sequence_name, last=0)

    def draw(self) -> int:
        counter = Counter.objects.get(name=self.sequence.sequence_name)
        time.sleep(A_MOMENT_S)
        counter.last += 1
        counter.save()
        return counter.last


class TakesHighestPlusOne(Serial):
    """Asks the documents, which others are about to write."""

    def draw(self) -> int:
        highest = Document.objects.aggregate(highest=Max("number"))["highest"] or 0
        time.sleep(A_MOMENT_S)
        return highest + 1


class GroupsUnlocked(Grouped):
    """Everybody leads at once."""

    def number(self, document: int | None) -> int | None:
        pending = Document.objects.filter(number=None).order_by("pk")
        with transaction.atomic():
            highest = Document.objects.aggregate(highest=Max("number"))["highest"] or 0
            for number, each in enumerate(pending, start=highest + 1):
                Document.objects.filter(pk=each.pk).update(number=number)
        found = Document.objects.filter(pk=document)
        return found.values_list("number", flat=True).first()


class ReclaimsAtOnce(Pooled):
    """Takes for rolled back what is only under way."""

    def __init__(self, series: str) -> None:
        super().__init__(series)
        postgresql.DUE = """
            SELECT settled, drawn FROM {pool}
             WHERE name = %(name)s AND drawn IS NOT NULL FOR UPDATE
        """


class ClaimsUnlocked(Pooled):
    """Two find the same free number, and both take it."""

    def __init__(self, series: str) -> None:
        super().__init__(series)
        rows.FIND = rows.FIND.replace("FOR UPDATE SKIP LOCKED", "")


class ReservesInCallersTransaction(Blocks):
    """The block goes back with the document, and stays in memory all the same."""

    def __init__(self, series: str) -> None:
        super().__init__(series)
        self.memory: deque[int] = deque()

    def draw(self) -> int:
        if not self.memory:
            counter = counter_for(self.sequence)
            block = self.sequence.block_after(counter.lock())
            counter.store(block[-1])
            self.memory += block
        return self.memory.popleft()

    def make(self, operation: str, *args: Any) -> int:
        return super(Blocks, self).make(operation, *args)


class RemembersAcrossForks(Blocks):
    """Parent and child give out the same block."""

    def __init__(self, series: str) -> None:
        super().__init__(series)
        self.memory: deque[int] = deque()

    def draw(self) -> int:
        if not self.memory:
            self.memory += ReserveBlock.run(sequence=self.sequence).block
        return self.memory.popleft()


class ReservesForEachNumber(Blocks):
    """Uses the first number of each block, and no other."""

    def draw(self) -> int:
        return ReserveBlock.run(sequence=self.sequence).block[0]
