"""What makes no sense in the declaration of a sequence, as a sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sequences.arithmetic import HIGHEST
from sequences.guarantees import Guarantee
from services.wording import got, short

if TYPE_CHECKING:
    from sequences.definitions import Sequence

_WITHOUT_LEDGER: Final = {
    Guarantee.GROUPED: "its documents are numbered all at once, and ask for no key",
    Guarantee.POOLED: "a number given back is given out to somebody else",
    Guarantee.BLOCKS: "its numbers come from memory, without a transaction to write in",
    Guarantee.NATIVE: "the database gives its numbers out beside every transaction",
}
"""Why the numbers of a guarantee have no ledger."""


def problem_with(sequence: Sequence) -> str | None:
    """Tell the first thing that makes no sense, or give None."""
    return (
        _out_of_bounds("initial_value", sequence.initial_value, lowest=0)
        or _problem_with_increment(sequence)
        or _out_of_bounds("block_size", sequence.block_size, lowest=1, highest=10**6)
        or _problem_with_end(sequence)
        or _problem_with_guarantee(sequence)
        or _problem_with_column(sequence)
        or _problem_with_ledger(sequence)
    )


def _problem_with_increment(sequence: Sequence) -> str | None:
    if sequence.increment == 0:
        return "increment must not be 0."
    return _out_of_bounds("increment", sequence.increment, lowest=-HIGHEST)


def _problem_with_end(sequence: Sequence) -> str | None:
    up = sequence.increment > 0
    end, last, beyond = "max_value", sequence.max_value, sequence.min_value
    more, less = "greater", "less"
    if not up:
        end, last, beyond = "min_value", sequence.min_value, sequence.max_value
        more, less = less, more
    if beyond is not None:
        return f"it counts {'up' if up else 'down'}: declare its end as {end}."
    if sequence.reset_value is not None:
        if last is not None:
            return f"it either loops (reset_value) or ends ({end}), not both."
        return _out_of_bounds("reset_value", sequence.reset_value, lowest=-1) or (
            None
            if _counts_to(sequence, sequence.reset_value, apart=True)
            else f"reset_value must be {more} than initial_value."
        )
    if last is not None:
        return _out_of_bounds(end, last, lowest=0) or (
            None
            if _counts_to(sequence, last, apart=False)
            else f"{end} must not be {less} than initial_value."
        )
    return None


def _counts_to(sequence: Sequence, number: int, *, apart: bool) -> bool:
    """Tell whether a number lies on its way; if ``apart``, not at its start."""
    way = (number - sequence.initial_value) * (1 if sequence.increment > 0 else -1)
    return way >= apart


def _problem_with_guarantee(sequence: Sequence) -> str | None:
    if not isinstance(sequence.guarantee, Guarantee):
        return f"guarantee must be a Guarantee, got {got(sequence.guarantee)}."
    if sequence.guarantee in (Guarantee.POOLED, Guarantee.GROUPED):
        kind = sequence.guarantee.name
        if sequence.increment < 0:
            return f"it cannot be {kind} and count down."
        if sequence.reset_value is not None:
            return f"it cannot be {kind} and loop: its numbers would meet again."
        if sequence.column is None:
            return (
                f"to be {kind} it must know where its numbers are stored. "
                f"Declare column='app.Model.field'."
            )
    return None


def _problem_with_column(sequence: Sequence) -> str | None:
    column: object = sequence.column
    if column is None:
        return None
    if isinstance(column, str) and column.count(".") == 2:  # noqa: PLR2004
        return None
    return "column must be written as 'app.Model.field'."


def _problem_with_ledger(sequence: Sequence) -> str | None:
    if not isinstance(sequence.ledger, bool):
        return f"ledger must be bool, got {got(sequence.ledger)}."
    if not sequence.ledger:
        return None
    if sequence.reset_value is not None:
        return "it cannot loop and have a ledger: its numbers would meet again."
    if sequence.increment < 0:
        return "it cannot count down and have a ledger."
    why = _WITHOUT_LEDGER.get(sequence.guarantee)
    if why is not None:
        return f"it cannot be {sequence.guarantee.name} and have a ledger: {why}."
    return None


def _out_of_bounds(
    name: str, value: object, *, lowest: int, highest: int = HIGHEST
) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return f"{name} must be int, got {type(value).__name__}."
    if not lowest <= value <= highest:
        most = "2**63 - 1" if highest == HIGHEST else highest
        return f"{name} must be between {lowest} and {most}, got {short(value)}."
    return None
