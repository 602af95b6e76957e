"""Whether a number that was drawn still belongs to whoever drew it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from django.db import connections, transaction

from sequences.counters import home_of
from sequences.guarantees import Guarantee

if TYPE_CHECKING:
    from django.db.models import Model

    from sequences.definitions import Sequence

_GONE_AT_ONCE: Final = {Guarantee.BLOCKS, Guarantee.NATIVE}
"""Whose numbers no rollback gives back."""


class Memory:
    """
    The memory of a transaction, or of a savepoint of it: kept by a commit, or undone.

    It is a hook of ``transaction.on_commit``, in front of all others, so that none of
    them can run before it or keep it from being run. Django forgets the hooks of what
    rolls back, be it all or a savepoint: as long as this one is registered it may be
    kept, once it was run it is, and otherwise it is undone.

    :ivar is_kept: whether it stays, whatever rolls back from now on.
    """

    def __init__(self, using: str, *, is_kept: bool) -> None:
        self.using = using
        self.is_kept = is_kept
        self._hooks: object = None

    @classmethod
    def of(cls, using: str) -> Self:
        """Give the memory of what is open: all that is done in it has the same fate."""
        connection = connections[using]
        if not connection.in_atomic_block:
            # Committed at once; and who ends transactions himself has no hooks.
            return cls(using, is_kept=True)
        hooks = connection.run_on_commit
        # A test that captures hooks takes those from some place on: leave the others.
        in_front = not any(
            getattr(block, "_from_testcase", False)
            for block in connection.atomic_blocks
        )
        place = 0 if in_front else -1
        if hooks:
            savepoints, found = hooks[place][:2]
            if (
                isinstance(found, cls)
                and not found.is_kept
                and savepoints == set(connection.savepoint_ids)
            ):
                return found
        memory = cls(using, is_kept=False)
        transaction.on_commit(memory, using=using)
        if in_front:
            hooks.insert(0, hooks.pop())
        return memory

    def __call__(self) -> None:
        """Keep it: the transaction was committed."""
        self.is_kept = True

    def __reduce__(self) -> Any:
        # How an open transaction ended, nobody can tell who reads this later.
        if self.is_kept or self.is_undone:
            return partial(type(self), is_kept=self.is_kept), (self.using,)
        return _forgotten, ()

    @property
    def is_undone(self) -> bool:
        """Whether a rollback undid it."""
        if self.is_kept:
            return False
        hooks = connections[self.using].run_on_commit
        # Django adds to a list, and makes a new one when it forgets some.
        if hooks is not self._hooks:
            is_registered = any(entry[1] is self for entry in hooks)
            self._hooks = hooks if is_registered else None
        return self._hooks is None


class Drawn:
    """
    The memory of a draw; undone, its number may be somebody else's.

    :ivar written: the memory of the save of the document that it was drawn for.
    :ivar inserted: likewise of its INSERT.
    :ivar inserted_as: the key that the document got then.
    :ivar sequence: in whose ledger the document is to be named; None if in none.
    :ivar told: the memory of the entry there that names the document.
    :ivar told_as: how it names it.
    """

    def __init__(self, sequence: Sequence) -> None:
        using = home_of(sequence)
        is_gone = sequence.guarantee in _GONE_AT_ONCE
        self.memory = Memory(using, is_kept=True) if is_gone else Memory.of(using)
        self.written: Memory | None = None
        self.inserted: Memory | None = None
        self.inserted_as: object = None
        self.sequence: Sequence | None = None
        self.told: Memory | None = None
        self.told_as = ""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        # Django copies what setUpTestData made for each test: it is the same draw.
        return self

    def __reduce__(self) -> Any:
        is_open = not (self.memory.is_kept or self.memory.is_undone)
        return (_forgotten, ()) if is_open else super().__reduce__()

    @property
    def is_undone(self) -> bool:
        """Whether a rollback undid it."""
        return self.memory.is_undone

    @property
    def is_written(self) -> bool:
        """Whether its document is in the database with it."""
        return self.written is not None and not self.written.is_undone

    def is_on_other(self, document: Model) -> bool:
        """Tell whether its number is on another document, which is in the database."""
        return (
            self.inserted is not None
            and not self.inserted.is_undone
            and self.inserted_as != document.pk
        )

    def tell(self, document: str) -> None:
        """Remember that the ledger names the document."""
        self.told = Memory.of(self.memory.using)
        self.told_as = document

    @property
    def named(self) -> str:
        """The document that the ledger names with it; empty if none."""
        is_told = self.told is not None and not self.told.is_undone
        return self.told_as if is_told else ""


def _forgotten() -> None:
    """Stand for a memory that was not taken along."""
