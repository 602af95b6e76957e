"""The highest number on a document, where all that stands there can be counted."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sequences.errors import InvalidColumn
from sequences.ledger import reading
from sequences.ledger.possible import PossibleNumbers
from services.wording import short

if TYPE_CHECKING:
    from sequences.formats import Format
    from sequences.ledger.columns import Column

COUNTABLE: Final = PossibleNumbers(first=0)


def highest_in(column: Column, series: PossibleNumbers) -> int | None:
    """
    Give the highest number of a series in a column; None if there is none.

    What is countable and not of the series, as below its start, is left aside.

    :raises InvalidColumn: if something in it cannot be counted.
    """
    if column.printed is not None:
        return _highest_printed(column, column.printed, series)
    found = reading.extent(column, COUNTABLE)
    if found.numbered > found.whole:
        with closing(reading.outside(column, COUNTABLE)) as rows:
            for (value,) in islice(rows, 1):
                what = "not stored as a whole number from 0 to 2**63 - 1"
                raise _uncountable(column, value, what)
    if found.highest is None or series.has(found.highest):
        return found.highest
    return reading.extent(column, series).highest


def _highest_printed(
    column: Column, printed: Format, series: PossibleNumbers
) -> int | None:
    highest = None
    with closing(reading.rows(column)) as rows:
        for (text,) in rows:
            if text is None:
                continue
            try:
                number = printed.parse(text).value
            except ValueError as error:
                what = f"not printed as {printed.template!r}"
                raise _uncountable(column, text, what) from error
            if series.has(number):
                highest = number if highest is None else max(highest, number)
    return highest


def _uncountable(column: Column, value: Any, what: str) -> InvalidColumn:
    reason = (
        f"{short(value)} in it is {what}, so nobody can tell where to go on. Put it "
        f"right, or adopt from a view that gives the numbers alone."
    )
    return InvalidColumn(column.table, column.name, reason)
