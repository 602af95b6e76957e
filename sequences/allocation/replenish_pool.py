"""Putting numbers into a pool: new ones, and those of rolled-back transactions."""

from sequences.definitions import Sequence
from sequences.guarantees import Guarantee
from sequences.pools import Pool, pool_for
from sequences.transactions import refuse_transaction
from services import Inputs, Internals, Outputs, Service, attribute, make


class ReplenishPool(Service):
    """
    Put free numbers into the pool of a sequence. Commits by itself.

    Run it again and again, from a scheduler for example: what rolled back is found in
    the second run after it, once every transaction that was open then has ended.

    :raises InvalidSequence: if the sequence is not pooled, or does not say where its
        documents are.
    :raises InsideTransaction: if a transaction is open on the database.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence = attribute(doc="A sequence declared as POOLED.")

    class internals(Internals):
        pool: Pool

    class outputs(Outputs):
        freed: int = attribute(doc="How many numbers became free.")

    steps = (make("validate"), make("replenish"))

    def validate(self) -> None:
        """Find the pool, and refuse inside a transaction."""
        self.inputs.sequence.require(Guarantee.POOLED)
        self.internals.pool = pool_for(self.inputs.sequence)
        refuse_transaction(
            self.inputs.sequence.sequence_name, self.internals.pool.using
        )

    def replenish(self) -> None:
        """Settle what is due, and mark or fetch what comes next."""
        self.outputs.freed = self.internals.pool.replenish()
