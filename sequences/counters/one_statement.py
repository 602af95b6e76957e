"""What the databases have in common that lock, increment and store in one statement."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Final

from sequences.arithmetic import HIGHEST, Progression
from sequences.contention import translated
from sequences.counters.base import Counter
from sequences.counters.highest import Highest

Parameters = dict[str, Any]

# Both are read as they were when the statement began, so they go together. Where there
# is no document, none is ahead: not even of a counter below a start that was raised.
ALIGNED: Final = """
    COALESCE(
        ({highest})
     <= COALESCE((SELECT last FROM {table} WHERE name = %(name)s), %(before)s),
        TRUE)
"""

ALWAYS: Final = "1 = 1"


class OneStatementCounter(Counter):
    """A counter that is advanced by one statement."""

    def advances_in_one_statement(self, count: int = 1) -> bool:
        """
        Tell whether one statement can take so many numbers.

        It cannot where a batch may pass the end of a loop, nor where already the first
        batch would pass the end: there the steps look before they move. Nor does it
        count down: few sequences do.
        """
        progression = self.sequence.progression
        if progression.increment < 0 or (count > 1 and progression.reset is not None):
            return False
        return count <= progression.size

    def advance(self, count: int = 1) -> int:
        """Lock, increment or loop, and store in one statement, if that is possible."""
        if not self.advances_in_one_statement(count):
            return super().advance(count)
        with translated(self):
            last = self._move(count)
        if last is None:  # The steps find out why.
            with self.own_transaction():
                return super().advance(count)
        return last

    @abstractmethod
    def _move(self, count: int) -> int | None:
        """Run the statement; give the counter, or None if it could not move."""

    def _parameters(self, count: int) -> Parameters:
        sequence = self.sequence
        return parameters_of(
            sequence.sequence_name, sequence.progression, count, self.highest
        )


def when_aligned(counter: Counter, statement: str) -> str:
    """Let a statement move a counter unless documents are ahead of it."""
    if counter.highest is None:
        return counter.quoted(statement, aligned=ALWAYS)
    aligned = counter.quoted(ALIGNED, highest=counter.highest.statement)
    return counter.quoted(statement, aligned=aligned)


def parameters_of(
    name: str, progression: Progression, count: int, highest: Highest | None
) -> Parameters:
    """Give what the statements are told of a sequence, and how many are taken."""
    reset, step = progression.reset, count * progression.increment
    return {
        **({} if highest is None else highest.parameters),
        "name": name,
        # Where a counter stands that has given out none.
        "before": progression.initial - progression.increment,
        # What a new counter holds when it has given out the first ``count``.
        "first": progression.initial + step - progression.increment,
        # A longer step is never taken, and no database could hold it.
        "step": min(step, HIGHEST),
        # A counter from here on starts again; NULL compares with nothing.
        "loop_from": None if reset is None else reset - step,
        "initial": progression.initial,
        # A counter above here has too few numbers left; a loop always has some.
        "highest": progression.limit - (step if reset is None else 0),
    }
