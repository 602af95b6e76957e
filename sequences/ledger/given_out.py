"""What every number has to be of which the ledger is told: one that was given out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sequences.errors import InvalidSequence, NumberNotGivenOut
from sequences.ledger.kept import stood_at
from sequences.ledger.possible import PossibleNumbers

if TYPE_CHECKING:
    from sequences.counters import Counter
    from sequences.definitions import Sequence


def require_possible(sequence: Sequence, *numbers: int) -> None:
    """
    Refuse numbers that a sequence cannot have.

    :raises InvalidSequence: if it cannot.
    """
    series = PossibleNumbers(
        first=sequence.initial_value,
        limit=sequence.progression.limit,
        step=sequence.increment,
    )
    for number in numbers:
        if not series.has(number):
            reason = f"{number} is none of its numbers."
            raise InvalidSequence(sequence.sequence_name, reason)


def hold_given_out(counter: Counter, number: int, *, deed: str) -> None:
    """
    Hold the counter until the transaction ends; refuse a number that is still to come.

    :param deed: what was to become of the number, for the sentence.
    :raises NumberNotGivenOut: if nobody was given it yet.
    """
    name = counter.sequence.sequence_name
    stands = stood_at(counter.lock(), name, counter.using)
    if stands is None or stands < number:
        raise NumberNotGivenOut(name, value=number, last=stands, deed=deed)
