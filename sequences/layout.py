"""
What a format has to be, so that what it prints can be read again and told apart.

Pure: no Django, no database.
"""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from sequences.check_digits import SCHEMES
from sequences.periods import CODES, Calendar
from sequences.templates import VALUE_DIGITS, FormatError, Piece, pieces_of
from services.wording import got, short

OVERFLOW: Final = ("refuse", "widen")


@frozen(kw_only=True)
class Layout:
    """A template, and what it is held to; see :class:`sequences.Format`."""

    template: str
    calendar: Calendar | None
    scope: tuple[str, ...]
    overflow: str
    max_length: int | None
    charset: str | None

    def pieces(self) -> tuple[Piece, ...]:
        """
        Give the pieces of the template, each as long as it may get.

        :raises FormatError: if the format could not hold.
        """
        pieces = pieces_of(self.template)
        self._check_options()
        self._check_fields(pieces)
        self._check_period(pieces)
        pieces = tuple(self._within_charset(piece) for piece in pieces)
        pieces = self._within_lengths(pieces)
        self._check_that_it_can_be_read(pieces)
        return pieces

    def _error(self, reason: str, piece: Piece | None = None) -> FormatError:
        position = None if piece is None else piece.position
        return FormatError(self.template, reason, position=position)

    def _check_options(self) -> None:
        if self.overflow not in OVERFLOW:
            raise self._error(
                f"overflow must be 'refuse' or 'widen', got {short(self.overflow)}."
            )
        if self.max_length is not None and (
            not isinstance(self.max_length, int)
            or isinstance(self.max_length, bool)
            or self.max_length < 1
        ):
            raise self._error(
                f"max_length must be 1 or more, got {short(self.max_length)}."
            )
        if self.charset is not None and not isinstance(self.charset, str):
            raise self._error(f"charset must be text, got {got(self.charset)}.")

    def _check_fields(self, pieces: tuple[Piece, ...]) -> None:
        """Refuse what is missing, doubled, or not declared."""
        values = [piece for piece in pieces if piece.kind == "value"]
        if len(values) != 1:
            raise self._error(
                f"it shows the number {len(values)} times. Write {{value}} once."
            )
        checks = [piece for piece in pieces if piece.kind == "check"]
        if len(checks) > 1:
            raise self._error("one check digit is enough.", checks[1])
        names = [piece for piece in pieces if piece.kind == "scope"]
        for at, piece in enumerate(names):
            if piece.text not in self.scope:
                raise self._error(
                    f"the series has no scope {piece.text!r}. Declare "
                    f"scope=({piece.text!r},).",
                    piece,
                )
            if piece.text in [each.text for each in names[:at]]:
                raise self._error(f"it shows scope {piece.text!r} twice.", piece)

    def _check_period(self, pieces: tuple[Piece, ...]) -> None:
        """Refuse a period that is hidden, or codes that change within one."""
        shown = [piece for piece in pieces if piece.kind == "period"]
        if self.calendar is None:
            if shown:
                raise self._error(
                    "the series counts through all periods. Declare period='year', or "
                    "leave the field out.",
                    shown[0],
                )
            return
        unit, steady = self.calendar.unit, self.calendar.codes()
        for piece in shown:
            if piece.text not in steady:
                known = ", ".join(f"%{each}" for each in CODES if each in steady)
                raise self._error(
                    f"%{piece.text} changes within a {unit} of this series, and the "
                    f"counter does not. Use {known}.",
                    piece,
                )
        if not self.calendar.is_shown_by({piece.text for piece in shown}):
            example = {
                "year": "%S" if self.calendar.is_fiscal else "%Y",
                "quarter": "%S-%Q",
                "month": "%Y-%m",
                "day": "%Y-%m-%d",
            }[unit]
            raise self._error(
                f"it hides the {unit}: numbers of different ones would look the same. "
                f"Add {{period:{example}}}."
            )

    def _within_charset(self, piece: Piece) -> Piece:
        """Refuse foreign characters; a scope is held to those that are allowed."""
        if self.charset is None:
            return piece
        if piece.kind == "scope":
            allowed = "".join(c for c in piece.alphabet if c in self.charset)
            return evolve(piece, alphabet=allowed)
        strange = next((c for c in piece.alphabet if c not in self.charset), None)
        if strange is not None:
            raise self._error(
                f"it prints {short(strange)}, which is not in charset "
                f"{short(self.charset)}.",
                piece,
            )
        return piece

    def _within_lengths(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Let the number have as many digits as there is room for."""
        [at] = (at for at, piece in enumerate(pieces) if piece.kind == "value")
        value = pieces[at]
        room = max(value.least, VALUE_DIGITS)
        if value.is_fixed and self.overflow == "refuse":
            room = value.least
        others = sum(piece.most for piece in pieces) - value.most
        if self.max_length is not None:
            if others + value.least > self.max_length:
                raise self._error(
                    f"it prints up to {others + value.least} characters, and "
                    f"max_length is {self.max_length}. Shorten it."
                )
            room = min(room, self.max_length - others)
        room = min(room, self._room_below_check(pieces, at))
        return (*pieces[:at], evolve(value, most=room), *pieces[at + 1 :])

    def _room_below_check(self, pieces: tuple[Piece, ...], value_at: int) -> int:
        """Tell how many digits the number may have below its check digit."""
        checks = [at for at, each in enumerate(pieces) if each.kind == "check"]
        if not checks:
            return pieces[value_at].least + VALUE_DIGITS
        [at] = checks
        check, value, scheme = pieces[at], pieces[value_at], SCHEMES[pieces[at].text]
        scheme.library()
        covered = pieces[at + 1 :] if scheme.in_front else pieces[:at]
        if value not in covered or (scheme.in_front and at > 0):
            side = "first" if scheme.in_front else "behind the number"
            raise self._error(f"{scheme.name!r} must stand {side}.", check)
        others = [_covered(each, scheme.alphabet) for each in covered if each != value]
        least = sum(low for low, _ in others) + value.least
        most = sum(high for _, high in others) + value.least
        if least < scheme.shortest or most > scheme.longest:
            span = (
                scheme.longest
                if scheme.shortest == scheme.longest
                else f"{scheme.shortest} to {scheme.longest}"
            )
            count = least if least == most else f"{least} to {most}"
            raise self._error(
                f"{scheme.name!r} is for {span} characters, and here are {count}. Give "
                f"{{value}} another width.",
                check,
            )
        return scheme.longest - most + value.least

    def _check_that_it_can_be_read(self, pieces: tuple[Piece, ...]) -> None:
        """Refuse a format whose printed numbers could be cut in two ways."""
        open_ended = None
        for at, piece in enumerate(pieces):
            if piece.is_fixed:
                continue
            if open_ended is not None:
                raise self._error(
                    f"where {{{open_ended.kind}}} ends cannot be told. Give it a "
                    f"width, or put a separator behind it.",
                    open_ended,
                )
            if not is_delimited(pieces, at):
                open_ended = piece


def is_delimited(pieces: tuple[Piece, ...], at: int) -> bool:
    """Tell whether the end of a piece can be seen by the character behind it."""
    if at + 1 == len(pieces):
        return True
    behind = pieces[at + 1]
    return behind.kind == "literal" and behind.text[0] not in pieces[at].alphabet


def _covered(piece: Piece, alphabet: str) -> tuple[int, int]:
    """Tell how many characters of a piece a check digit covers, at least and most."""
    if piece.kind == "literal":
        count = sum(each in alphabet for each in piece.text)
        return count, count
    if all(each in alphabet for each in piece.alphabet):
        return piece.least, piece.most
    return 0, piece.most
