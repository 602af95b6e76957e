"""Numbering all documents that wait for a number, in the order asked for."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from sequences.definitions import Sequence
from sequences.errors import InvalidSequence
from sequences.groups import Group, group_of
from sequences.guarantees import Guarantee
from sequences.transactions import refuse_transaction, retry_on_conflict
from services import Inputs, Internals, Outputs, Service, attribute, make


class NumberPending(Service):
    """
    Number all committed documents that have no number yet. Commits by itself.

    Call it right after the transaction that wrote a document has committed. Of those
    who call at once, one numbers everybody's documents; the others wait for his commit
    and find theirs numbered. What a crash leaves behind, the next call numbers.

    :raises InvalidSequence: if the sequence is not declared as GROUPED, or the pending
        rows are not of the model that holds its numbers; nothing was numbered.
    :raises InsideTransaction: if a transaction is open; nothing was numbered.
    :raises SequenceExhausted: if there are more documents than numbers; nothing was
        numbered.
    :raises Conflict: likewise ``Deadlock``, ``LockTimeout``; nothing was numbered.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence = attribute(doc="A sequence declared as GROUPED.")
        pending: QuerySet[Any] = attribute(
            doc="The documents to number, in this order; by key, where it has none."
        )
        document: object = attribute(
            default=None,
            doc="The key of the caller's own: once it has a number, he is done.",
        )

    class internals(Internals):
        group: Group
        pending: QuerySet[Any] = attribute(doc="Those of them without a number.")

    class outputs(Outputs):
        count: int = attribute(default=0, doc="How many this run numbered itself.")
        value: int | None = attribute(
            default=None, doc="The number of ``document``, if one was given."
        )

    steps = (
        make("validate"),
        make("number_all", only_unless="has_own_document"),
        make("number_or_follow", only_if="has_own_document"),
    )

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
        self.internals.group = group_of(sequence)
        using = self.internals.group.counter.using
        refuse_transaction(sequence.sequence_name, using)
        missing = {f"{documents.field}__isnull": True}
        self.internals.pending = pending.using(using).filter(**missing)

    def number_all(self) -> None:
        """Take the lead, and number what is pending."""
        self._lead(nowait=False)

    def number_or_follow(self) -> None:
        """Follow or lead, until the caller's own document has its number."""
        while self.outputs.value is None:
            followed = self.internals.group.follow()
            led = not followed and self._lead(nowait=True)
            if followed or led:
                self.outputs.value = self._own_number()
            if led:
                return

    def has_own_document(self) -> bool:
        """Tell whether the caller waits for one document."""
        return self.inputs.document is not None

    def _lead(self, *, nowait: bool) -> bool:
        group = self.internals.group
        using = group.counter.using

        @retry_on_conflict(using=using)
        def lead() -> bool:
            with transaction.atomic(using=using):
                leads = group.lead(nowait=nowait)
                if leads:
                    self.outputs.count = group.number(self.internals.pending)
            return leads

        return lead()

    def _own_number(self) -> int | None:
        documents = self.inputs.sequence.documents()
        using = self.internals.group.counter.using
        own = documents.model._base_manager.using(using).filter(pk=self.inputs.document)
        number: int | None = own.values_list(documents.field, flat=True).get()
        return number
