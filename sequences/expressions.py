"""NextNumber: a number that the database draws inside of the INSERT itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from django.db.models import BigIntegerField, Expression
from django.db.models.sql import InsertQuery

from sequences.counters import home_of
from sequences.counters.one_statement import parameters_of
from sequences.counters.postgresql import NEXT, NEXT_TAKES, has_function, queue_of
from sequences.definitions import Sequence, declared
from sequences.errors import InvalidSequence
from sequences.guarantees import Guarantee

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Model


class NextNumber(Expression):
    """
    The next number of a sequence, drawn by PostgreSQL in the INSERT of the document.

    It stands in the place of the number::

        Invoice.objects.create(number=NextNumber("invoices"))

    One round trip for both, and a SERIAL sequence is held for the INSERT and the commit
    alone: the shortest that it can do. For a POOLED one nobody waits. It needs no
    transaction of the caller, since the statement is one. ``bulk_create`` numbers its
    objects in their order.

    It does not look whether documents are ahead of their counter, as after a restore:
    for many rows that would cost more than the numbers. A unique column refuses those
    that exist.

    Before Django 6.0 the object in memory holds the expression after it was saved: call
    ``refresh_from_db(fields=["number"])`` to read the number.

    :param sequence: a declared, SERIAL or POOLED sequence, or the name of a plain one.
    :raises InvalidSequence: if the sequence is of another guarantee, has a ledger or
        many counters, or lives on another database; if the expression stands elsewhere
        than in an INSERT, or in one that may skip rows, since numbers would be lost; if
        the database is not PostgreSQL, or not migrated. Nothing was taken.
    :raises DataError: from the database, if there is no number left. Nothing was
        inserted, and no number is lost.
    :raises OperationalError: from the database, at a conflict; ``retry_on_conflict``
        knows it.

    .. versionadded:: 0.1
    """

    output_field = BigIntegerField()

    def __init__(self, sequence: Sequence | str) -> None:
        super().__init__()
        self.sequence = declared(sequence)
        if self.sequence.guarantee is not Guarantee.POOLED:
            self.sequence.require(Guarantee.SERIAL)
        self.sequence.require_counter()
        if self.sequence.ledger:
            self._refuse(
                "it has a ledger, and NextNumber writes none. Take the number with "
                "AllocateNumber."
            )

    def __repr__(self) -> str:
        return f"NextNumber({self.sequence.sequence_name!r})"

    def resolve_expression(
        self, query: Any = None, *_args: Any, **_options: Any
    ) -> NextNumber:
        """Refuse every place in which a number could be drawn and not be kept."""
        if not isinstance(query, InsertQuery):
            self._refuse(
                "NextNumber stands in an INSERT alone: elsewhere a number can be drawn "
                f"twice for one row. Take it with {self._service}."
            )
        if self.sequence.guarantee is Guarantee.POOLED:
            self._refuse_elsewhere(query.get_meta().model)
        if query.on_conflict is not None:  # type: ignore[attr-defined]
            self._refuse(
                "an INSERT that skips or updates rows in conflict loses the numbers "
                "drawn for them. Leave ignore_conflicts and update_conflicts out."
            )
        return self

    def as_sql(
        self, _compiler: Any, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """Refuse databases other than PostgreSQL."""
        self._refuse(
            f"NextNumber is drawn by PostgreSQL, and database {connection.alias!r} is "
            f"{connection.display_name}. Take the number with {self._service}."
        )

    def as_postgresql(
        self, _compiler: Any, connection: BaseDatabaseWrapper, **_options: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Call the function that draws."""
        sequence, using = self.sequence, home_of(self.sequence)
        if using != connection.alias:
            self._refuse(
                f"it counts on database {using!r}, and the INSERT goes to "
                f"{connection.alias!r}. Take the number with {self._service}."
            )
        if sequence.guarantee is Guarantee.POOLED:
            return _claim(sequence, using)
        if not has_function(connection):
            self._refuse(
                f"database {connection.alias!r} has no function sequences_next. "
                f"Run migrate."
            )
        name = sequence.sequence_name
        told = parameters_of(name, sequence.progression, 1, None) | {
            "queue": queue_of(name)
        }
        return NEXT, tuple(told[each] for each in NEXT_TAKES)

    def _refuse_elsewhere(self, model: type[Model]) -> None:
        """Refuse a table in which nobody looks for the numbers of a pool."""
        documents = self.sequence.documents()
        owner: Any = documents.model._meta.get_field(documents.field)
        if model is not owner.model:
            self._refuse(
                f"its numbers are in {self.sequence.column!r}, and the INSERT goes to "
                f"{model._meta.label}: the pool would take them for free. Declare a "
                f"sequence for that."
            )

    @property
    def _service(self) -> str:
        return self.sequence.guarantee.promise.service

    def _refuse(self, reason: str) -> NoReturn:
        raise InvalidSequence(self.sequence.sequence_name, reason)


def _claim(sequence: Sequence, using: str) -> tuple[str, tuple[object, ...]]:
    """Call the function that claims from a pool, which there is from now on."""
    from sequences.pools.postgresql import DrawAndReclaim  # noqa: PLC0415 - it needs us

    return DrawAndReclaim(sequence, using).claim_within()
