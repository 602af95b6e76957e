"""Going on from numbers that exist already: the counter moves, under its lock."""

from contextlib import AbstractContextManager

from django.db import connections, transaction
from django.db.models import Max

from sequences import native
from sequences.allocation.set_counter import SetCounter
from sequences.arithmetic import CLOSED
from sequences.counters import Counter, counter_for
from sequences.counters.base import counter_model
from sequences.definitions import Sequence, declared
from sequences.errors import (
    CounterBehind,
    DocumentsAhead,
    InvalidSequence,
    SequenceClosed,
)
from sequences.ledger.columns import Column, tables_of
from sequences.ledger.highest import highest_in
from sequences.ledger.kept import is_closed, stood_at
from sequences.ledger.on_documents import sees_part, with_possible_numbers
from sequences.ledger.possible import PossibleNumbers
from sequences.ledger.reading import one_moment
from sequences.ledger.snapshots import refuse_old_snapshot
from sequences.ledger.states import (
    refuse_repeating,
    require_counting_up,
    require_own_counter,
)
from sequences.membership import documents_of
from services import Inputs, Internals, Outputs, Service, attribute, make, stage


class AdoptNumbers(Service):
    """
    Let a sequence go on behind the highest number that documents bear.

    Opens a transaction, or a savepoint in the caller's. The counter is held while the
    documents are read, and moves forward only, so it may be run again. Stop whatever
    numbered the documents before: it does not know of the counter.

    With ``native`` or ``counter`` the sequence goes on from there instead, if no
    document has passed it.

    A part of a sequence, as ``Sequence.of`` gives it, goes on by itself where a
    NumberField stores period and scope beside the number.

    Only numbers that the sequence can have count: not those below its start, nor those
    between its steps.

    :raises InvalidColumn: if there is no such table or column, or something in it
        cannot be counted: no whole number, or text that its format did not print.
    :raises InvalidSequence: if the sequence loops, has parts, is NATIVE, is POOLED
        with a pool that has begun, ends below the documents' numbers, or does not say
        where these are stored and no column is given; or if the caller's transaction
        may not see the newest documents, as at REPEATABLE READ.
    :raises SequenceClosed: if it is closed.
    :raises DocumentsAhead: if documents have passed ``native`` or ``counter``.
    :raises CounterBehind: if the counter has passed what is adopted. In all of these
        cases nothing has moved.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence | str = attribute(
            doc="A declared sequence, or the name of a plain one."
        )
        column: str | None = attribute(
            default=None,
            doc="The column of ``table``; or ``'app.Model.field'``. None: where the "
            "sequence says its numbers are stored.",
        )
        table: str | None = attribute(default=None, doc="Any table or view.")
        native: str | None = attribute(
            default=None, doc="A sequence of the database, to go on from."
        )
        counter: str | None = attribute(
            default=None,
            doc="The name of another counter, as django-sequences keeps them, to go on "
            "from.",
        )
        dry_run: bool = attribute(
            default=False, doc="Only tell: take no lock, and move nothing."
        )

    class internals(Internals):
        sequence: Sequence
        counter: Counter
        column: Column
        documents: int | None = attribute(doc="The highest number on a document.")

    class outputs(Outputs):
        before: int | None = attribute(doc="Where it stood; None if it did not exist.")
        after: int | None = attribute(doc="Where it stands; None before its first.")
        by: int = attribute(default=0, doc="By how many numbers it moved.")
        moved: bool = attribute(default=False, doc="Whether it did; not in a dry run.")

    steps = (
        make("validate"),
        stage(
            make("lock", only_unless="is_dry"),
            make("look", only_if="is_dry"),
            make("read_documents", only_unless="is_part"),
            make("read_documents_of_part", only_if="is_part"),
            make("choose_documents", only_unless="has_source"),
            make("choose_source", only_if="has_source"),
            make("check_direction"),
            make("move", only_if="is_to_move"),
            within="transaction",
        ),
    )

    def validate(self) -> None:
        """Find counter and column; refuse a sequence that has no such counter."""
        given = self.inputs
        sequence = declared(given.sequence)
        name = sequence.sequence_name
        if self.is_part():
            require_counting_up(sequence)
        else:
            refuse_repeating(sequence)
        if given.native is not None and given.counter is not None:
            raise InvalidSequence(name, "adopt from native or from counter, not both.")
        self.internals.sequence = sequence
        self.internals.counter = counter_for(sequence)
        if not given.dry_run:  # before a transaction of its own is open
            refuse_old_snapshot(self.internals.counter)
        self.internals.column = Column.of(
            sequence=sequence,
            table=given.table,
            column=given.column,
            order_by=None,
            using=self.internals.counter.using,
        )

    def lock(self) -> None:
        """Hold the counter until the transaction ends; refuse a closed one."""
        self.outputs.before = self._unless_closed(self.internals.counter.lock())

    def look(self) -> None:
        """Read the counter without holding it; it may have no table yet."""
        before = self._counter_of(self.internals.sequence)
        self.outputs.before = self._unless_closed(before)

    def read_documents(self) -> None:
        """Read the highest number on a document; refuse what cannot be counted."""
        internals = self.internals
        sequence = internals.sequence
        series = PossibleNumbers(first=sequence.initial_value, step=sequence.increment)
        internals.documents = highest_in(internals.column, series)

    def read_documents_of_part(self) -> None:
        """Read the highest number on a document of the same period and scope."""
        sequence = self.internals.sequence
        found = documents_of(sequence, self.internals.counter.using)
        field = sequence.documents().field
        possible = with_possible_numbers(found, field, sequence)
        self.internals.documents = possible.aggregate(highest=Max(field))["highest"]

    def choose_documents(self) -> None:
        """Go on behind the documents; without any, stay."""
        documents = self.internals.documents
        self.outputs.after = self.outputs.before if documents is None else documents

    def choose_source(self) -> None:
        """Go on behind another counter, unless documents have passed it."""
        given, using = self.inputs, self.internals.counter.using
        if given.native is not None:
            source = f"the database's sequence {given.native!r}"
            last = native.read(given.native, using).last
        else:
            source = f"counter {given.counter!r}"
            source_name = given.counter or ""
            last = self._counter_of(Sequence(source_name, using=using))
            last = stood_at(last, source_name, using)
        documents, sequence = self.internals.documents, self.internals.sequence
        if documents is not None and (last is None or last < documents):
            raise DocumentsAhead(
                sequence.sequence_name,
                source=source,
                stands=last,
                documents=documents,
                by=sequence.progression.between(last, documents),
            )
        self.outputs.after = self.outputs.before if last is None else last

    def check_direction(self) -> None:
        """Refuse to give numbers out again, out of a pool or by going back."""
        internals = self.internals
        require_own_counter(internals.sequence, internals.counter.using)
        before, after = self.outputs.before, self.outputs.after
        if after is None:
            return
        name = self.internals.sequence.sequence_name
        if before is not None and after < before:
            raise CounterBehind(name, before=before, after=after)
        limit = self.internals.sequence.progression.limit
        if after > limit:
            reason = f"it ends at {limit}, and the numbers to adopt go up to {after}."
            raise InvalidSequence(name, reason)
        if not self.internals.sequence.progression.may_stand_at(after):
            reason = f"it cannot go on behind {after}, which is none of its numbers."
            raise InvalidSequence(name, reason)
        self.outputs.by = self.internals.sequence.progression.between(before, after)

    def move(self) -> None:
        """Move the counter."""
        if self.outputs.after is not None:
            SetCounter.run(sequence=self.internals.sequence, last=self.outputs.after)
            self.outputs.moved = True

    def is_part(self) -> bool:
        """Tell whether it is a part, told by what stands beside its own numbers."""
        given = self.inputs
        return (
            given.table is None
            and given.column is None
            and sees_part(declared(given.sequence))
        )

    def is_dry(self) -> bool:
        """Tell whether nothing is to be changed."""
        return self.inputs.dry_run

    def has_source(self) -> bool:
        """Tell whether to go on from elsewhere than the documents."""
        return self.inputs.native is not None or self.inputs.counter is not None

    def is_to_move(self) -> bool:
        """Tell whether the counter stands elsewhere, and may be moved."""
        return not self.inputs.dry_run and self.outputs.after != self.outputs.before

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the counter until it has moved; a dry run only sees one moment."""
        if self.inputs.dry_run:
            return one_moment(self.internals.counter.using)
        return transaction.atomic(using=self.internals.counter.using)

    def _unless_closed(self, last: int | None) -> int | None:
        name = self.internals.sequence.sequence_name
        if last == CLOSED and is_closed(name, self.internals.counter.using):
            raise SequenceClosed(name)
        return last

    def _counter_of(self, sequence: Sequence) -> int | None:
        using = self.internals.counter.using
        if counter_model()._meta.db_table not in tables_of(connections[using]):
            return None
        return counter_for(Sequence(sequence.sequence_name, using=using)).read()
