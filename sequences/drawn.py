"""Whether a number that was drawn still belongs to whoever drew it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from django.db import connections, transaction

from sequences.counters import home_of
from sequences.guarantees import Guarantee

if TYPE_CHECKING:
    from sequences.definitions import Sequence

_GONE_AT_ONCE: Final = {Guarantee.BLOCKS, Guarantee.NATIVE}
"""Whose numbers no rollback gives back."""


class Memory:
    """
    The memory of something that was written: a commit keeps it, a rollback undoes it.

    It is a hook of ``transaction.on_commit``. Django forgets the hooks of what rolls
    back, be it all or a savepoint: as long as this one is registered it may be kept,
    once it was run it is, and otherwise it is undone.

    :ivar is_kept: whether it stays, whatever rolls back from now on.
    """

    def __init__(self, using: str, *, is_kept: bool = False) -> None:
        self.using = using
        self.is_kept = is_kept
        connection = connections[using]
        if not connection.in_atomic_block and not connection.get_autocommit():
            self.is_kept = True  # Whoever ends transactions himself has no hooks.
        if not self.is_kept:
            transaction.on_commit(self, using=using)

    def __call__(self) -> None:
        """Keep it: the transaction was committed."""
        self.is_kept = True

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        # Django copies what setUpTestData made for each test: it is the same memory.
        return self

    def __reduce__(self) -> Any:
        # How an open transaction ended, nobody can tell who reads this later.
        if self.is_kept or self.is_undone:
            return super().__reduce__()
        return _forgotten, ()

    @property
    def is_undone(self) -> bool:
        """Whether a rollback undid it."""
        if self.is_kept:
            return False
        # The latest first: a document is mostly saved right after its number was drawn.
        hooks = reversed(connections[self.using].run_on_commit)
        return all(entry[1] is not self for entry in hooks)


class Drawn(Memory):
    """
    The memory of a draw; undone, its number may be somebody else's.

    :ivar inserted: the memory of the INSERT of the document that it was drawn for.
    """

    def __init__(self, sequence: Sequence) -> None:
        is_kept = sequence.guarantee in _GONE_AT_ONCE
        super().__init__(home_of(sequence), is_kept=is_kept)
        self.inserted: Memory | None = None

    @property
    def is_on_document(self) -> bool:
        """Whether its number is on a document that is in the database."""
        return self.inserted is not None and not self.inserted.is_undone


def _forgotten() -> None:
    """Stand for a memory that was not taken along."""
