"""Numbering all documents that wait for a number, in the order asked for."""

from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError
from django.db.models import Model, QuerySet

from sequences.alignment import guarded_counter
from sequences.counters import home_of
from sequences.definitions import Sequence
from sequences.errors import InvalidSequence, SequenceError
from sequences.groups import group_of
from sequences.groups.waiting import part_of, parts_met_by, parts_of
from sequences.guarantees import Guarantee
from sequences.membership import require_numbers
from sequences.transactions import refuse_transaction, retry_on_conflict
from services import Inputs, Internals, Outputs, Service, attribute, make


def key_of(document: object) -> object:
    """Give the key of a document, or what is one already."""
    if not isinstance(document, Model):
        return document
    if document.pk is None:
        msg = "it has no primary key yet: save it first"
        raise ValueError(msg)
    return document.pk


class NumberPending(Service):
    """
    Number all committed documents that have no number yet. Commits by itself.

    Call it right after the transaction that wrote a document has committed. Of those
    who call at once, one numbers everybody's documents; the others wait for his commit
    and find theirs numbered. What a crash leaves behind, the next call numbers.

    Of a series that counts by period or scope, only the part is numbered that
    ``document`` belongs to; without one, each part that has documents waiting, one
    after another, and each commits by itself. What tells the parts is the NumberField
    of the documents. The text and the period that it stores are written with the
    number.

    Each part is numbered whole or not at all. What keeps one from it keeps no other:
    it is raised when all others are numbered.

    :raises InvalidSequence: if the sequence is not declared as GROUPED, or its column
        holds text; if the pending rows are not of the model that holds its numbers,
        have a composite key, or cannot be locked; if nothing beside their number tells
        their part, or the date or the scope of some does not; or if a join gives one
        of them twice.
    :raises InsideTransaction: if a transaction is open; nothing was numbered.
    :raises DocumentsAhead: if a document has a higher number than the counter, see
        :class:`AllocateNumber`.
    :raises SequenceExhausted: if there are more documents than numbers.
    :raises Conflict: likewise ``Deadlock``, ``LockTimeout``.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence = attribute(
            doc="A sequence declared as GROUPED, or one part of it."
        )
        pending: QuerySet[Any] = attribute(
            doc="The documents to number, in this order; by key, where it has none."
        )
        document: object = attribute(
            default=None,
            converter=key_of,
            doc="The caller's own, or its key: once it has a number, he is done.",
        )

    class internals(Internals):
        parts: Iterator[Any] = attribute(doc="The parts that are to be numbered.")
        failures: list[Any] = attribute(
            factory=list, doc="Why others could not be numbered."
        )

    class outputs(Outputs):
        count: int = attribute(default=0, doc="How many this run numbered itself.")
        value: int | None = attribute(
            default=None,
            doc="The number of ``document``; None if there is no such document.",
        )

    steps = (
        make("validate"),
        make("find_parts"),
        make("number_or_follow"),
        make("refuse_document", only_if="is_elsewhere"),
        make("tell_failures", only_if="has_failures"),
    )

    def validate(self) -> None:
        """Find the documents; refuse inside a transaction, or those of others."""
        sequence, pending = self.inputs.sequence, self.inputs.pending
        sequence.require(Guarantee.GROUPED)
        require_numbers(sequence)
        documents, query = sequence.documents(), pending.query
        reason = None
        if pending.model is not documents.model or query.is_sliced:
            name = documents.model.__name__
            reason = f"pending must be a query set of {name}, and not a slice of one."
        elif query.distinct or query.group_by is not None or query.combinator:
            reason = (
                "pending must give each document as it is, neither distinct nor "
                "aggregated nor combined: such rows cannot be locked. Filter by a "
                "subquery, such as Exists(...)."
            )
        elif not documents.key:
            reason = (
                "documents with a composite primary key cannot be numbered in groups. "
                "Declare another guarantee."
            )
        if reason is not None:
            raise InvalidSequence(sequence.sequence_name, reason)
        refuse_transaction(sequence.sequence_name, home_of(sequence))

    def find_parts(self) -> None:
        """Find out which counters are needed: most series have one."""
        sequence, document = self.inputs.sequence, self.inputs.document
        if not sequence.has_parts:
            self.internals.parts = iter((sequence,))
        elif document is not None:
            self.internals.parts = parts_met_by(sequence, document)
        else:
            parts, self.internals.failures = parts_of(sequence, self.inputs.pending)
            self.internals.parts = iter(parts)

    def number_or_follow(self) -> None:
        """Wait for whoever leads; then lead, unless he has numbered our document."""
        given = self.inputs
        for part in self.internals.parts:
            group = group_of(guarded_counter(part), given.pending, given.document)
            try:
                done = retry_on_conflict(using=group.counter.using)(group.take_part)()
            except (SequenceError, DatabaseError) as error:
                self.internals.failures.append(error)
                continue
            self.outputs.count += done.count
            self.outputs.value = done.own_number
            if done.own_number is not None:
                break

    def refuse_document(self) -> None:
        """Refuse a document of another part than the one that was numbered."""
        part = self.inputs.sequence
        part_of(part, self.inputs.document)  # which a part does not give of another

    def tell_failures(self) -> None:
        """Raise what kept some documents from a number; the others have theirs."""
        first, *others = self.internals.failures
        for other in others:
            first.add_note(str(other))
        raise first

    def is_elsewhere(self) -> bool:
        """Tell whether the document is not in the part that was asked for."""
        given, value = self.inputs, self.outputs.value
        return given.sequence.is_part and given.document is not None and value is None

    def has_failures(self) -> bool:
        """Tell whether some documents could not be numbered."""
        return bool(self.internals.failures)
