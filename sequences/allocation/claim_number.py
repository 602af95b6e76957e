"""A number of a pool: nobody waits, and a rollback gives it back."""

from sequences.beside import beside
from sequences.definitions import Sequence
from sequences.guarantees import Guarantee
from sequences.pools import Pool, pool_for
from sequences.transactions import require_transaction
from services import Inputs, Internals, Outputs, Service, attribute, make


class ClaimNumber(Service):
    """
    Take a number from the pool of a sequence, and wait for nobody.

    The number belongs to the transaction that is open on the sequence's database. A
    rollback gives it back, though not at once: until the pool is replenished the number
    is missing. Numbers are in no particular order.

    :raises InvalidSequence: if the sequence is not pooled; or if it counts by period or
        scope and is no part of it, as ``Sequence.of`` gives one, or a part of which
        nothing tells which documents belong to it. Nothing was taken.
    :raises NoTransaction: if no transaction is open; nothing was taken.
    :raises SequenceExhausted: if there is no number left.
    :raises Conflict: at REPEATABLE READ and above, if another transaction took the
        number in the meantime; likewise ``Deadlock``, ``LockTimeout``. The transaction
        must roll back.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence = attribute(doc="A sequence declared as POOLED.")

    class internals(Internals):
        pool: Pool
        number: int | None = attribute(doc="None: the pool has none at hand.")

    class outputs(Outputs):
        value: int

    steps = (
        make("validate"),
        make("claim"),
        make("replenish_and_claim", only_if="pool_is_empty"),
        make("assign"),
    )

    def validate(self) -> None:
        """Find the pool, and refuse without a transaction."""
        self.inputs.sequence.require(Guarantee.POOLED)
        self.internals.pool = pool_for(self.inputs.sequence)
        require_transaction(
            self.inputs.sequence.sequence_name, self.internals.pool.using
        )

    def claim(self) -> None:
        """Take a free number, if one is at hand."""
        self.internals.number = self.internals.pool.claim()

    def replenish_and_claim(self) -> None:
        """Fill the pool beside this transaction until there is a number for it."""
        pool = self.internals.pool
        while self.internals.number is None:
            beside(pool.replenish, pool.using)
            self.internals.number = pool.claim()

    def assign(self) -> None:
        """Give the number."""
        if self.internals.number is not None:
            self.outputs.value = self.internals.number

    def pool_is_empty(self) -> bool:
        """Tell whether the first look found nothing."""
        return self.internals.number is None
