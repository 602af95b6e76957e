"""
Formats: how a number is printed, and read again.

What one prints it reads back to the same number, period and scope; what it did not
print it refuses. Pure: no Django, no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from attrs import field, frozen

from sequences.arithmetic import HIGHEST
from sequences.check_digits import SCHEMES
from sequences.layout import Layout, is_delimited
from sequences.periods import Calendar, Period, PeriodError
from sequences.templates import FormatError, Piece
from services.wording import got, short

# Looked at for an overflow: more than the four years after which a calendar repeats.
_PERIODS_AHEAD: Final = 50

NOTHING: Final[Mapping[str, str]] = {}


@frozen(kw_only=True)
class PrintedNumber:
    """
    What a printed number says.

    :ivar value: the number.
    :ivar period: its period, or None where the format shows none.
    :ivar scope: the scope values that the format shows, by name.

    .. versionadded:: 0.1
    """

    value: int
    period: Period | None = None
    scope: Mapping[str, str] = NOTHING


@frozen
class Format:
    """
    How the numbers of a series are printed.

    :param template: as ``"INV-{period:%Y}-{value:05d}"``.
    :param calendar: how the series divides time, if it does.
    :param scope: the names of its scope.
    :param overflow: what happens to a number that is too wide: ``"refuse"`` it, or
        ``"widen"`` what is printed.
    :param max_length: no printed number may be longer.
    :param charset: the characters that a printed number may have. None: any.
    :ivar highest: the highest number that it can print.
    :raises FormatError: if these make no sense together.
    :raises StdnumMissing: if a check digit needs python-stdnum, which is not installed.

    .. versionadded:: 0.1
    """

    template: str
    calendar: Calendar | None = field(default=None, kw_only=True)
    scope: tuple[str, ...] = field(default=(), kw_only=True)
    overflow: str = field(default="refuse", kw_only=True)
    max_length: int | None = field(default=None, kw_only=True)
    charset: str | None = field(default=None, kw_only=True)
    highest: int = field(init=False, repr=False, eq=False)
    pieces: tuple[Piece, ...] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        pieces = Layout(
            template=self.template,
            calendar=self.calendar,
            scope=self.scope,
            overflow=self.overflow,
            max_length=self.max_length,
            charset=self.charset,
        ).pieces()
        [value] = (piece for piece in pieces if piece.kind == "value")
        object.__setattr__(self, "pieces", pieces)
        object.__setattr__(self, "highest", min(HIGHEST, 10**value.most - 1))

    @property
    def hidden(self) -> list[str]:
        """The names of the scope that it does not show."""
        shown = {piece.text for piece in self.pieces if piece.kind == "scope"}
        return [name for name in self.scope if name not in shown]

    @property
    def shortest(self) -> int:
        """How many characters it prints at the least."""
        return sum(piece.least for piece in self.pieces)

    @property
    def has_check(self) -> bool:
        """Whether a check digit depends on the number."""
        return any(piece.kind == "check" for piece in self.pieces)

    @property
    def check_in_front(self) -> int:
        """How many characters of a check digit stand in front of all."""
        first = self.pieces[0]
        return first.most if first.kind == "check" else 0

    def print(
        self,
        value: int,
        *,
        period: Period | None = None,
        scope: Mapping[str, str] = NOTHING,
    ) -> str:
        """
        Print a number.

        :param period: the period it was counted in, if the format shows one.
        :param scope: the values of the scope that the format shows.
        :raises FormatError: if it cannot be printed so.
        """
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._error(f"a number must be int, got {got(value)}.")
        if not 0 <= value <= self.highest:
            raise self._error(
                f"it prints the numbers 0 to {self.highest}, got {short(value)}. Give "
                f"{{value}} more digits."
            )
        texts = [self._text(piece, value, period, scope) for piece in self.pieces]
        for at, piece in enumerate(self.pieces):
            if piece.kind == "check":
                scheme = SCHEMES[piece.text]
                covered = texts[at + 1 :] if scheme.in_front else texts[:at]
                known = [c for c in "".join(covered) if c in scheme.alphabet]
                texts[at] = scheme.check("".join(known))
        return "".join(texts)

    def around(
        self, *, period: Period | None, scope: Mapping[str, str]
    ) -> tuple[str, int, str]:
        """
        Give what is printed before each number, its digits at the least, and the rest.

        :raises FormatError: if a check digit depends on the number; see :meth:`print`.
        """
        if self.has_check:
            raise self._error("its check digit is not the same for each number.")
        texts = [self._text(piece, 0, period, scope) for piece in self.pieces]
        [(at, value)] = self._of_kind("value")
        return "".join(texts[:at]), value.least, "".join(texts[at + 1 :])

    def parse(self, text: str) -> PrintedNumber:
        """
        Read a printed number; the inverse of :meth:`print`.

        :raises FormatError: if the format did not print it.
        """
        found = self._read(text)
        shown = {p.text: found[at] for at, p in self._of_kind("period") if at in found}
        period = self.calendar.read(shown) if self.calendar and shown else None
        number = PrintedNumber(
            value=int(next(found[at] for at, _ in self._of_kind("value"))),
            period=period,
            scope={p.text: found[at] for at, p in self._of_kind("scope")},
        )
        if shown and period is None:
            raise self._error(f"{short(text)} shows no period that there is.")
        again = self.print(number.value, period=period, scope=number.scope)
        if again != text:
            raise self._error(
                f"{short(text)} was not printed by it. Its number is {short(again)}."
            )
        return number

    def overflows_at(self, rate: float, *, on: date, last: int = 0) -> date | None:
        """
        Tell on which day it can print no further number.

        :param rate: how many numbers are taken a day.
        :param on: the day from which on they are counted.
        :param last: the last number taken until then, in that day's period.
        :returns: the day; None if each period ends before, or it is too far away.
        """
        if rate <= 0:
            return None
        try:
            if self.calendar is None:
                return on + timedelta(days=(self.highest - last) // rate)
            start = on
            for _ in range(_PERIODS_AHEAD):
                period = self.calendar.period_of(start)
                full = start + timedelta(days=(self.highest - last) // rate)
                if full <= period.last:
                    return full
                start, last = period.last + timedelta(days=1), 0
        except (OverflowError, PeriodError):
            pass
        return None

    def _error(self, reason: str, piece: Piece | None = None) -> FormatError:
        position = None if piece is None else piece.position
        return FormatError(self.template, reason, position=position)

    def _of_kind(self, kind: str) -> list[tuple[int, Piece]]:
        return [each for each in enumerate(self.pieces) if each[1].kind == kind]

    def _text(
        self,
        piece: Piece,
        value: int,
        period: Period | None,
        scope: Mapping[str, str],
    ) -> str:
        """Give what a piece prints; a check digit waits for the others."""
        match piece.kind:
            case "literal":
                return piece.text
            case "value":
                return str(value).zfill(piece.least)
            case "period":
                return self._period_text(piece, period)
            case "scope":
                return self._scope_text(piece, scope)
            case _:
                return ""

    def _period_text(self, piece: Piece, period: Period | None) -> str:
        if period is None:
            raise self._error("it shows a period, and none was given.", piece)
        try:
            return period.shown(piece.text)
        except PeriodError as error:
            raise self._error(str(error), piece) from error

    def _scope_text(self, piece: Piece, scope: Mapping[str, str]) -> str:
        text = scope.get(piece.text)
        if not isinstance(text, str):
            raise self._error(f"it shows scope {piece.text!r}, got {got(text)}.", piece)
        if not piece.least <= len(text) <= piece.most:
            span = piece.least if piece.is_fixed else f"1 to {piece.most}"
            raise self._error(
                f"scope {piece.text!r} has {span} characters, got {short(text)}.", piece
            )
        strange = next((each for each in text if each not in piece.alphabet), None)
        if strange is not None:
            raise self._error(
                f"scope {piece.text!r} cannot be printed with {short(strange)}. Use "
                f"ASCII letters and digits that charset allows.",
                piece,
            )
        return text

    def _read(self, text: str) -> dict[int, str]:
        """Cut a printed number into what its pieces printed, from left to right."""
        if not isinstance(text, str):
            raise self._error(f"a printed number is text, got {got(text)}.")
        if len(text) > sum(piece.most for piece in self.pieces):
            raise self._error(f"{short(text)} is longer than what it prints.")
        found: dict[int, str] = {}
        start = 0
        for at, piece in enumerate(self.pieces):
            width = piece.least
            if not piece.is_fixed:
                behind = self.pieces[at + 1 :]
                if is_delimited(self.pieces, at):
                    end = start
                    while end < len(text) and text[end] in piece.alphabet:
                        end += 1
                    width = end - start
                else:
                    width = len(text) - start - sum(each.least for each in behind)
            part = text[start : start + max(width, 0)]
            is_it = (
                part == piece.text
                if piece.kind == "literal"
                else piece.least <= len(part) <= piece.most
                and all(each in piece.alphabet for each in part)
            )
            if not is_it:
                what = short(piece.text) if piece.kind == "literal" else piece.kind
                raise self._error(
                    f"{short(text)} was not printed by it: at position {start} there "
                    f"is no {what}."
                )
            found[at] = part
            start += len(part)
        if start != len(text):
            raise self._error(f"{short(text)} goes on behind what it prints.")
        return found
