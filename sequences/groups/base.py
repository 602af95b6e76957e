"""Numbering what is pending in one statement; here as SQLite has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from sequences.contention import translated

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sequences.counters import Counter

# The pending rows come with their place in the order asked for.
NUMBER: Final = """
      UPDATE {documents}
         SET {column} = %s + pending.place * %s
        FROM ({pending}) AS pending
       WHERE {documents}.{key} = pending.document
"""


class Group:
    """
    The documents of one sequence that have no number yet, for one run of a service.

    :ivar counter: the counter of the sequence.
    """

    number_statement: ClassVar[str] = NUMBER

    def __init__(self, counter: Counter) -> None:
        self.counter = counter

    def lead_or_wait(self, *, may_follow: bool) -> bool:  # noqa: ARG002
        """
        Become the one who numbers, or wait until somebody has; tell which.

        Where there is no lock that lets followers pass together, everybody leads in
        turn, and finds nothing left to do.
        """
        return True

    def number(self, pending: QuerySet[Any]) -> int:
        """
        Give pending rows their numbers, in order; tell how many there were.

        :raises SequenceExhausted: if there are more of them than numbers. None of them
            gets one once the caller's transaction is rolled back.
        """
        last = self.counter.lock()
        sequence = self.counter.sequence
        first = sequence.initial_value if last is None else last + sequence.increment
        count = self._number_from(first - sequence.increment, pending)
        if count:
            self.counter.store(sequence.values_after(last, count)[-1])
        return count

    def _number_from(self, before: int, pending: QuerySet[Any]) -> int:
        rows, parameters = self._places(pending)
        return self._execute(before, rows, parameters)

    def _places(self, pending: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
        """Give the pending rows and their places as a subquery."""
        meta = pending.query.get_meta()
        order: Any = pending.query.order_by or meta.ordering or ["pk"]
        placed = pending.annotate(
            document=F("pk"), place=Window(RowNumber(), order_by=list(order))
        ).values("document", "place")
        compiler = placed.query.get_compiler(self.counter.using)
        sql, parameters = compiler.as_sql()
        return sql, tuple(parameters)

    def _execute(
        self, before: int, rows: str, parameters: tuple[Any, ...], **parts: str
    ) -> int:
        documents = self.counter.sequence.documents()
        quote = self.counter.connection.ops.quote_name
        statement = self.number_statement.format(
            documents=quote(documents.table),
            column=quote(documents.column),
            key=quote(documents.key),
            pending=rows,
            **parts,
        )
        with translated(self.counter), self.counter.connection.cursor() as cursor:
            cursor.execute(statement, self._in_order(before, parameters))
            count: int = cursor.rowcount
        return count

    def _in_order(self, before: int, parameters: tuple[Any, ...]) -> tuple[Any, ...]:
        """Put the parameters into the order in which the statement names them."""
        return (before, self.counter.sequence.increment, *parameters)
