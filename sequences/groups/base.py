"""Numbering what is pending in one statement; here as SQLite has it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from attrs import frozen
from django.db import IntegrityError, transaction
from django.db.models import F, OrderBy, Window
from django.db.models.functions import RowNumber

from sequences.contention import translated
from sequences.errors import Conflict, InvalidSequence
from sequences.membership import field_of, waiting

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sequences.counters import Counter
    from sequences.definitions import Sequence

Parameters = tuple[Any, ...]

# The pending rows come with their place in the order asked for.
NUMBER: Final = """
      UPDATE {documents}
         SET {column} = numbers.number{beside}
        FROM (SELECT document_ AS document, %s + place_ * %s AS number
                FROM ({pending}) AS pending) AS numbers
       WHERE {documents}.{key} = numbers.document
"""

# What prints a number: the text before it, its digits at the least, the text behind.
TEXT: Final = "%s || printf('%%0*d', %s, numbers.number) || %s"


@frozen(kw_only=True)
class Round:
    """
    What became of one round of a group.

    :ivar count: how many documents the caller numbered.
    :ivar own_number: the number of his own document, if there is such a document.
    """

    count: int
    own_number: int | None


class Group:
    """
    The documents of one sequence that have no number yet, for one run of a service.

    :ivar counter: the counter of the sequence.
    :ivar given: the documents, in order; numbered are those of the sequence among them
        that have no number.
    :ivar document: the key of the caller's own, None for none.
    """

    text: ClassVar[str] = TEXT
    """How the database prints a number."""

    def __init__(
        self, counter: Counter, given: QuerySet[Any], document: object
    ) -> None:
        self.counter = counter
        self.given = given
        self.document = document

    @cached_property
    def pending(self) -> QuerySet[Any]:
        """Those that wait for a number of the sequence."""
        return waiting(self.counter.sequence, self.given)

    def take_part(self) -> Round:
        """
        Give what is pending its numbers, or wait for who does it; commit.

        Everybody leads in turn, and most find nothing left to do.

        :raises DocumentsAhead: if documents have passed the counter; none was numbered.
        :raises SequenceExhausted: if there are more documents than numbers; likewise.
        :raises InvalidSequence: if a document comes twice; likewise.
        """
        counter, last = self.counter, None
        try:
            with transaction.atomic(using=counter.using):
                last = counter.lock()
                number, count = self._own_number(), 0
                if number is None:
                    # Again: a counter that did not exist yet could not be locked.
                    last = counter.lock()
                    counter.require_aligned(last)
                    count = self._number(last)
                    number = self._own_number()
        except IntegrityError as error:
            # Of two who came first at once the second repeats, as in Counter.store.
            if last is None and counter.read() is not None:
                name = counter.sequence.sequence_name
                raise Conflict(name, counter.using) from error
            raise
        return Round(count=count, own_number=number)

    def _number(self, last: int | None) -> int:
        """
        Give pending rows the numbers after ``last``, in order; tell how many.

        :raises SequenceExhausted: if there are more of them than numbers. The
            transaction must roll back.
        """
        sequence = self.counter.sequence
        first = sequence.progression.first_after(last)
        count = self._number_from(first - sequence.increment)
        if count:
            self.counter.store(sequence.values_after(last, count)[-1])
        return count

    def _number_from(self, before: int) -> int:
        rows, parameters = self._placed(self.pending)
        beside, told = self._beside()
        statement = self._quoted(NUMBER, pending=rows, beside=beside)
        step = self.counter.sequence.increment
        return self._execute(statement, (*told, before, step, *parameters))

    def _beside(self) -> tuple[str, Parameters]:
        """Give what is written beside a number, as SQL, and its parameters."""
        sequence = self.counter.sequence
        field = field_of(sequence)
        assigned: list[tuple[str, str]] = []
        parameters: list[object] = []
        if field is not None and field.text is not None:
            assigned.append((field.text, self.text))
            parameters += sequence.printed_around()
        if field is not None and field.period is not None and sequence.place:
            assigned.append((field.period, "%s"))
            parameters.append(sequence.place.keys[0])
        meta: Any = sequence.documents().model._meta
        quote = self.counter.connection.ops.quote_name
        beside = (
            f", {quote(meta.get_field(name).column)} = {to}" for name, to in assigned
        )
        return "".join(beside), tuple(parameters)

    def _placed(self, pending: QuerySet[Any]) -> tuple[str, Parameters]:
        """
        Give the pending rows and their places as a subquery.

        :raises InvalidSequence: if a document comes twice, and would have two places.
        """
        place = Window(RowNumber(), order_by=order_of(pending))
        # No field of the model can be called so: Django lets none end with a "_".
        placed = pending.annotate(document_=F("pk"), place_=place)
        rows = placed.values("document_", "place_")
        documents = [row["document_"] for row in rows]
        if len(set(documents)) < len(documents):
            raise comes_twice(self.counter.sequence)
        return self._as_sql(rows)

    def _own_number(self) -> int | None:
        if self.document is None:
            return None
        documents = self.counter.sequence.documents()
        own = documents.every(self.counter.using).filter(pk=self.document)
        number: int | None = own.values_list(documents.field, flat=True).first()
        return number

    def _as_sql(self, rows: QuerySet[Any, Any]) -> tuple[str, Parameters]:
        # Also of a query set that Django knows to be empty.
        compiler = rows.query.get_compiler(self.counter.using, elide_empty=False)
        sql, parameters = compiler.as_sql()
        return sql, tuple(parameters)

    def _execute(self, statement: str, parameters: Parameters) -> int:
        """Run a numbering statement; give how many rows got a number."""
        with translated(self.counter), self.counter.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            count: int = cursor.rowcount
        return count

    def _quoted(self, statement: str, *, counters: str = "", **parts: str) -> str:
        """Put quoted names, and parts of SQL, into a statement."""
        documents = self.counter.sequence.documents()
        quote = self.counter.connection.ops.quote_name
        names = {
            "documents": documents.table,
            "column": documents.column,
            "key": documents.key,
            "counters": counters,
        }
        quoted = {role: quote(name) for role, name in names.items()}
        return statement.format(**parts, **quoted)


def order_of(pending: QuerySet[Any]) -> list[Any]:
    """Give the order of a query set, as a window takes it; by key without one."""
    query = pending.query
    by_model = query.get_meta().ordering if query.default_ordering else ()
    order: Any = query.order_by or by_model or ["pk"]
    return list(order) if query.standard_ordering else [*map(_reversed, order)]


def _reversed(order: Any) -> OrderBy:
    if isinstance(order, str):
        is_down = order.startswith("-")
        order = OrderBy(F(order.removeprefix("-")), descending=is_down)
    turned: OrderBy = order.copy() if isinstance(order, OrderBy) else order.asc()
    turned.reverse_ordering()
    return turned


def comes_twice(sequence: Sequence) -> InvalidSequence:
    """Make the error that says that a join gives pending rows several times."""
    reason = (
        "pending gives a document twice. Filter by a subquery, such as Exists(...), "
        "instead of a join."
    )
    return InvalidSequence(sequence.sequence_name, reason)
