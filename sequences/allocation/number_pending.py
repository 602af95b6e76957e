"""Numbering all documents that wait for a number, in the order asked for."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from sequences.counters import counter_for, home_of
from sequences.definitions import Sequence
from sequences.errors import InvalidSequence
from sequences.groups import group_of
from sequences.groups.waiting import part_of, parts_of
from sequences.guarantees import Guarantee
from sequences.transactions import refuse_transaction, retry_on_conflict
from services import Inputs, Internals, Outputs, Service, attribute, make


class NumberPending(Service):
    """
    Number all committed documents that have no number yet. Commits by itself.

    Call it right after the transaction that wrote a document has committed. Of those
    who call at once, one numbers everybody's documents; the others wait for his commit
    and find theirs numbered. What a crash leaves behind, the next call numbers.

    Of a series that counts by period or scope, only the part is numbered that
    ``document`` belongs to; without one, each part that has documents waiting, one
    after another, and each commits by itself. What tells the parts is the NumberField
    of the documents, and the key of the period is written with the number.

    :raises InvalidSequence: if the sequence is not declared as GROUPED, if the pending
        rows are not of the model that holds its numbers, or have a composite key, or
        nothing beside their number tells their part, or if a join gives one of them
        twice; nothing was numbered. If the date or the scope of some does not tell
        their part, the others are numbered before it is raised.
    :raises InsideTransaction: if a transaction is open; nothing was numbered.
    :raises SequenceExhausted: if there are more documents than numbers; nothing was
        numbered, of this part.
    :raises Conflict: likewise ``Deadlock``, ``LockTimeout``; nothing was numbered.

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
            doc="The key of the caller's own: once it has a number, he is done.",
        )

    class internals(Internals):
        parts: Iterator[Any] = attribute(doc="The parts that are to be numbered.")

    class outputs(Outputs):
        count: int = attribute(default=0, doc="How many this run numbered itself.")
        value: int | None = attribute(
            default=None,
            doc="The number of ``document``; None if there is no such document.",
        )

    steps = (make("validate"), make("find_parts"), make("number_or_follow"))

    def validate(self) -> None:
        """Find the documents; refuse inside a transaction, or those of others."""
        sequence = self.inputs.sequence
        sequence.require(Guarantee.GROUPED)
        documents = sequence.documents()
        pending = self.inputs.pending
        if pending.model is not documents.model or pending.query.is_sliced:
            reason = "pending must be a query set of {}, and not a slice of one."
            raise InvalidSequence(
                sequence.sequence_name, reason.format(documents.model.__name__)
            )
        if not documents.key:
            reason = (
                "documents with a composite primary key cannot be numbered in groups. "
                "Declare another guarantee."
            )
            raise InvalidSequence(sequence.sequence_name, reason)
        refuse_transaction(sequence.sequence_name, home_of(sequence))

    def find_parts(self) -> None:
        """Find out which counters are needed: most series have one."""
        sequence, pending = self.inputs.sequence, self.inputs.pending
        if not sequence.has_parts:
            self.internals.parts = iter((sequence,))
        elif self.inputs.document is None:
            self.internals.parts = parts_of(sequence, pending)
        else:
            own = part_of(sequence, self.inputs.document)
            self.internals.parts = iter(() if own is None else (own,))

    def number_or_follow(self) -> None:
        """Wait for whoever leads; then lead, unless he has numbered our document."""
        given = self.inputs
        for part in self.internals.parts:
            group = group_of(counter_for(part), given.pending, given.document)
            done = retry_on_conflict(using=group.counter.using)(group.take_part)()
            self.outputs.count += done.count
            self.outputs.value = done.own_number
