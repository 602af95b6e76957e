"""Whether a number that was drawn still belongs to whoever drew it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from django.db import connections, transaction

from sequences.counters import home_of
from sequences.guarantees import Guarantee

if TYPE_CHECKING:
    from sequences.definitions import Sequence

_GONE_AT_ONCE: Final = {Guarantee.BLOCKS, Guarantee.NATIVE}
"""Whose numbers no rollback gives back."""


class Drawn:
    """
    The memory of a draw: kept for good by a commit, or given back by a rollback.

    It is a hook of ``transaction.on_commit``. Django forgets the hooks of what rolls
    back, be it all or a savepoint: as long as this one is registered its number may be
    saved, once it was run the number stays, and otherwise somebody else may have it.

    :ivar is_kept: whether it stays, whatever rolls back from now on.
    """

    def __init__(self, sequence: Sequence) -> None:
        self.using = home_of(sequence)
        self.is_kept = sequence.guarantee in _GONE_AT_ONCE
        connection = connections[self.using]
        if not connection.in_atomic_block and not connection.get_autocommit():
            self.is_kept = True  # Whoever ends transactions himself has no hooks.
        if not self.is_kept:
            transaction.on_commit(self, using=self.using)

    def __call__(self) -> None:
        """Keep it: what it was drawn in was committed."""
        self.is_kept = True

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        # Django copies what setUpTestData made for each test: it is the same draw.
        return self

    @property
    def is_given_back(self) -> bool:
        """Whether a rollback gave it back."""
        if self.is_kept:
            return False
        # The latest first: a document is mostly saved right after its number was drawn.
        hooks = reversed(connections[self.using].run_on_commit)
        return all(entry[1] is not self for entry in hooks)
