"""What a sequence is as a printed series: its parts, its text, its limits."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Self

from sequences.collisions import could_collide
from sequences.errors import InvalidSequence
from sequences.guarantees import Guarantee
from sequences.names import problem_with_name
from sequences.printing import Place, Printing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from sequences.formats import PrintedNumber


class Series:
    """
    The side of a Sequence that people read.

    A series that counts by period or scope has many parts, each with its own counter;
    any other is its own only part.
    """

    sequence_name: str
    increment: int
    guarantee: Guarantee
    column: str | None
    using: str | None
    printing: Printing | None
    """How it is printed and counted apart, None where it is plain."""
    place: Place | None
    """Which part of a series it counts, None where it is plain, or has many parts."""

    def of(
        self,
        *,
        on: date | datetime | None = None,
        scope: Mapping[str, str] | None = None,
    ) -> Self:
        """
        Give the part of the series that a document belongs to: one counter of it.

        It is a sequence of its own, called by the series, the period's key and the
        values of the scope, as in ``invoices/2026/K1``. A series that counts nothing
        apart gives itself.

        :param on: the document's date; or a moment, if the series has a time zone.
        :param scope: the values of the scope, by name.
        :raises InvalidSequence: if date and scope do not tell the part, or, of a part,
            tell another; if its name is longer than 100 characters, or its scope cannot
            be printed.

        .. versionadded:: 0.1
        """
        known = self.place
        if (self.printing is None or (known is not None and on is None)) and not scope:
            return self
        if known is not None:  # what is not told again is as it is
            on = known.period.first if on is None and known.period else on
            scope = {**known.scope, **(scope or {})}
        try:
            place = (self.printing or Printing()).place_of(on, scope)
        except ValueError as error:
            raise InvalidSequence(self.sequence_name, str(error)) from error
        if known is not None:
            if place != known:
                raise InvalidSequence(
                    self.sequence_name,
                    f"it is the part {'/'.join(known.keys)}, and on= and scope= tell "
                    f"{'/'.join(place.keys)}. Take that part of the series itself.",
                )
            return self
        return self._part(place)

    def part_called(self, counter_name: str) -> Self:
        """
        Give the part whose counter has a name.

        :raises InvalidSequence: if none of its parts is called so.
        """
        try:
            place = (self.printing or Printing()).place_called(
                counter_name, self.sequence_name
            )
        except ValueError as error:
            raise InvalidSequence(self.sequence_name, str(error)) from error
        return self._part(place)

    def _part(self, place: Place) -> Self:
        part = copy(self)
        part.place = place
        part.__dict__["sequence_name"] = place.counter_name(self.sequence_name)
        reason = problem_with_name(part.sequence_name)
        if reason is not None:
            raise InvalidSequence(part.sequence_name, reason)
        part.print(0)  # refused before a number is taken that cannot be printed
        return part

    @property
    def has_parts(self) -> bool:
        """Whether it is a series of which each part has a counter of its own."""
        return self.place is None and self.printing is not None

    @property
    def is_part(self) -> bool:
        """Whether it is a part of such a series."""
        return self.place is not None and bool(self.place.keys)

    @property
    def apart(self) -> str:
        """By what it counts apart, for the middle of a sentence; or nothing."""
        return "" if self.printing is None else self.printing.apart

    def require_counter(self) -> None:
        """
        Refuse a series whose parts are counted apart: it has no counter of its own.

        :raises InvalidSequence: if it is one.
        """
        if self.has_parts:
            raise InvalidSequence(
                self.sequence_name,
                f"it counts by {self.apart}, so it has many counters. Take "
                f"one part of it with of(on=..., scope=...).",
            )

    def print(self, value: int) -> str:
        """
        Print a number of this series, or of this part of it.

        :raises InvalidSequence: if it cannot be printed, or its part is not known.

        .. versionadded:: 0.1
        """
        if self.printing is None:
            return str(value)
        self.require_counter()
        try:
            return self.printing.text(value, self.place or Place())
        except ValueError as error:
            raise InvalidSequence(self.sequence_name, str(error)) from error

    def printed_around(self) -> tuple[str, int, str]:
        """
        Give what is printed before each number, its digits at the least, and the rest.

        :raises InvalidSequence: if a check digit depends on the number.
        """
        printed = self.printing.format if self.printing else None
        place = self.place or Place()
        try:
            if printed is not None:
                return printed.around(period=place.period, scope=place.scope)
        except ValueError as error:
            raise InvalidSequence(self.sequence_name, str(error)) from error
        return "", 1, ""

    def parse(self, text: str) -> PrintedNumber:
        """
        Read a printed number of this series.

        :raises InvalidSequence: if it was not printed by its format.

        .. versionadded:: 0.1
        """
        printed = self.printing.format if self.printing else None
        if printed is None:
            raise InvalidSequence(self.sequence_name, "it has no format. Declare one.")
        try:
            return printed.parse(text)
        except ValueError as error:
            raise InvalidSequence(self.sequence_name, str(error)) from error

    def printable(
        self, printing: Printing, limit: int, others: Iterable[Series]
    ) -> int:
        """
        Give the last number that can be printed.

        :raises InvalidSequence: if the series cannot keep what it declares.
        """
        reason = None
        if printing.only_place is None and self.guarantee is Guarantee.NATIVE:
            reason = (
                f"it cannot be NATIVE and count by {printing.apart}: a sequence of the "
                f"database counts one way. Declare another guarantee."
            )
        elif printing.format is not None:
            highest = printing.format.highest
            for name in ("initial_value", "max_value", "reset_value"):
                last: int = getattr(self, name) or 0
                if last - (name == "reset_value") > highest:
                    reason = (
                        f"its format prints numbers up to {highest}, and {name} is "
                        f"{last}. Give {{value}} more digits."
                    )
            if self.increment > 0:
                limit = min(limit, highest)
            reason = reason or self._problem_with_others(printing, others)
        if reason is not None:
            raise InvalidSequence(self.sequence_name, reason)
        return limit

    def _problem_with_others(
        self, printing: Printing, others: Iterable[Series]
    ) -> str | None:
        """Tell which other series could print the same text into the same column."""
        for other in others:
            theirs = other.printing.format if other.printing else None
            if (
                theirs is not None
                and printing.format is not None
                and other.column == self.column
                and other.using == self.using
                and other.sequence_name != self.sequence_name
                and could_collide(printing.format, theirs)
            ):
                return (
                    f"it could print the same text as sequence "
                    f"{other.sequence_name!r}, whose numbers are in the same column. "
                    f"Begin one of their formats with another text."
                )
        return None
