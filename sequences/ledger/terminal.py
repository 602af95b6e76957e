"""What commands say at a terminal, in English as all commands. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sequences.ledger.adopt_numbers import AdoptNumbers

_ARGUMENT: Final = re.compile(
    r"\b(Pass|Say|and|with) (on|by|scope|format)=(?:\{'(\w+)': \.\.\.\})?"
)


def for_terminal(sentence: str) -> str:
    """Give a sentence that names arguments with the options of that name instead."""
    return _ARGUMENT.sub(
        lambda it: f"{it[1]} --{it[2]}" + (f" {it[3]}=..." if it[3] else ""),
        sentence,
    )


def adopted(sequence: str, done: AdoptNumbers.outputs, needed: str = "--write") -> str:
    """
    Say where a counter stood and stands now, or would move to.

    :param needed: the options by which it would really move.
    """
    before = "does not exist" if done.before is None else f"stands at {done.before}"
    if done.after == done.before:
        return f"Sequence {sequence!r} {before}, and no number lies beyond."
    if done.moved:
        was = "did not exist" if done.before is None else f"stood at {done.before}"
        return (
            f"Sequence {sequence!r} {was}, and stands at {done.after} now, {done.by} "
            f"further."
        )
    return (
        f"Sequence {sequence!r} {before}, and would move to {done.after}, {done.by} "
        f"further. Nothing was written; add {needed}."
    )
