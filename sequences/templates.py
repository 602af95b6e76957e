"""
The template language of formats, as in ``INV-{period:%Y}-{value:05d}``.

Pure, and made for hostile text: one pass over at most 200 characters, nothing is looked
up on an object, and no width is beyond 20.
"""

from __future__ import annotations

import re
import unicodedata
from string import ascii_letters, digits
from typing import Final

from attrs import frozen

from sequences.check_digits import SCHEMES
from sequences.names import problem_with
from sequences.periods import CODES, WIDTHS
from services.wording import did_you_mean, short

LONGEST: Final = 200
WIDEST: Final = 20
VALUE_DIGITS: Final = 19
"""The digits of 2**63 - 1."""

FIELDS: Final = ("value", "period", "scope", "check")

_WIDTH: Final = re.compile(r"0([0-9]{1,3})d")
_SCOPE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,29}")


class FormatError(ValueError):
    """
    A format makes no sense, or cannot print or read what it was given.

    :ivar template: the format, as it was written.
    :ivar reason: what is wrong and how to put it right.
    :ivar position: where in the template, counted from 0; None: not in one place.

    .. versionadded:: 0.1
    """

    def __init__(
        self, template: object, reason: str, *, position: int | None = None
    ) -> None:
        self.template = template
        self.reason = reason
        self.position = position
        place = "" if position is None else f"at position {position}: "
        super().__init__(f"Format {short(template)}: {place}{reason}")

    def __reduce__(self) -> tuple[object, ...]:
        return _revived, (self.template, self.reason, self.position)


def _revived(template: object, reason: str, position: int | None) -> FormatError:
    return FormatError(template, reason, position=position)


@frozen(kw_only=True)
class Piece:
    """
    A part of a format: literal text, or something that is printed.

    :ivar kind: ``literal``, ``value``, ``period``, ``scope`` or ``check``.
    :ivar text: the literal text, the code of a period, the name of a scope or scheme.
    :ivar position: where it stands in the template.
    :ivar alphabet: the characters that it may print.
    :ivar least: how many it prints at least; likewise ``most``.
    """

    kind: str
    text: str = ""
    position: int
    alphabet: str
    least: int
    most: int

    @property
    def is_fixed(self) -> bool:
        """Whether it always prints as many characters."""
        return self.least == self.most


def pieces_of(template: object) -> tuple[Piece, ...]:
    """
    Take a template apart.

    :raises FormatError: if it is not one.
    """
    if not isinstance(template, str):
        name = type(template).__name__
        raise FormatError(template, f"it must be text, got {name}.")
    if len(template) > LONGEST:
        reason = f"it has {len(template)} characters, at most {LONGEST} are possible."
        raise FormatError(template, reason)
    found: list[Piece] = []
    at = 0
    while at < len(template):
        character = template[at]
        if template[at : at + 2] in ("{{", "}}"):
            _add_literal(found, template, character, at)
            at += 2
        elif character == "{":
            end = template.find("}", at)
            if end < 0 or "{" in template[at + 1 : end]:
                reason = "this brace is never closed. Close it, or write '{{'."
                raise FormatError(template, reason, position=at)
            _add_field(found, template, at, end)
            at = end + 1
        elif character == "}":
            reason = "no brace is open here. Write '}}' to print one."
            raise FormatError(template, reason, position=at)
        else:
            _add_literal(found, template, character, at)
            at += 1
    return tuple(found)


def _add_literal(found: list[Piece], template: str, character: str, at: int) -> None:
    """Add one literal character, to the literal in front of it if there is one."""
    problem = _problem_with(character)
    if problem is not None:
        raise FormatError(template, problem, position=at)
    before = found.pop() if found and found[-1].kind == "literal" else None
    text = before.text + character if before else character
    found.append(
        Piece(
            kind="literal",
            text=text,
            position=before.position if before else at,
            alphabet=text,
            least=len(text),
            most=len(text),
        )
    )


def _problem_with(character: str) -> str | None:
    if character.isascii() and character.isprintable():
        return None
    if unicodedata.combining(character) or problem_with(character) is not None:
        number = f"U+{ord(character):04X}"
        return f"{number} cannot be printed as a character of its own. Leave it out."
    if not character.isprintable():
        return f"U+{ord(character):04X} is invisible. Leave it out."
    if unicodedata.numeric(character, None) is not None:
        return f"{character!r} looks like a number and is none. Write 0 to 9."
    return None


def _add_field(found: list[Piece], template: str, at: int, end: int) -> None:
    name, colon, spec = template[at + 1 : end].partition(":")
    kind, _, scope = name.partition(".")
    if name == "value":
        found.append(_value(template, spec, at))
    elif name == "period":
        _add_period(found, template, spec, at + 1 + len(name) + len(colon))
    elif name == "check":
        found.append(_check(template, spec, at))
    elif kind == "scope":
        found.append(_scope(template, scope, spec, at))
    else:
        guess = did_you_mean(name, FIELDS)
        reason = f"there is no field {short(name)}.{guess} Use {', '.join(FIELDS)}."
        raise FormatError(template, reason, position=at)


def _value(template: str, spec: str, at: int) -> Piece:
    if spec in ("", "d"):
        least, most = 1, VALUE_DIGITS
    else:
        found = _WIDTH.fullmatch(spec)
        least = most = int(found[1]) if found else 0
        if not 1 <= least <= WIDEST:
            reason = (
                f"{{value}} takes a width from 1 to {WIDEST}, as in {{value:05d}}, got "
                f"{short(spec)}."
            )
            raise FormatError(template, reason, position=at)
    return Piece(kind="value", position=at, alphabet=digits, least=least, most=most)


def _add_period(found: list[Piece], template: str, spec: str, start: int) -> None:
    if "%" not in spec:
        reason = "{period} needs a code, as in {period:%Y}."
        raise FormatError(template, reason, position=start)
    at = 0
    while at < len(spec):
        if spec[at] != "%" or spec[at : at + 2] == "%%":
            _add_literal(found, template, spec[at], start + at)
            at += 2 if spec[at] == "%" else 1
            continue
        code = spec[at + 1 : at + 2]
        if code not in WIDTHS:
            known = ", ".join(f"%{each}" for each in CODES)
            reason = f"there is no code {short('%' + code)}. Use {known}."
            raise FormatError(template, reason, position=start + at)
        width = WIDTHS[code]
        found.append(
            Piece(
                kind="period",
                text=code,
                position=start + at,
                alphabet=digits,
                least=width,
                most=width,
            )
        )
        at += 2


def _check(template: str, spec: str, at: int) -> Piece:
    scheme = SCHEMES.get(spec)
    if scheme is None:
        guess = did_you_mean(spec, SCHEMES)
        reason = (
            f"there is no check digit {short(spec)}.{guess} Use {', '.join(SCHEMES)}."
        )
        raise FormatError(template, reason, position=at)
    return Piece(
        kind="check",
        text=spec,
        position=at,
        alphabet=scheme.characters,
        least=scheme.width,
        most=scheme.width,
    )


def _scope(template: str, name: str, spec: str, at: int) -> Piece:
    if not is_scope_name(name):
        reason = "a scope is written as {scope.branch}, with a name of ASCII letters."
        raise FormatError(template, reason, position=at)
    least, most = 1, WIDEST
    if spec:
        least = most = int(spec) if re.fullmatch(r"[0-9]{1,3}", spec) else 0
        if not 1 <= least <= WIDEST:
            reason = (
                f"a scope takes a width from 1 to {WIDEST}, as in {{scope.{name}:3}}, "
                f"got {short(spec)}."
            )
            raise FormatError(template, reason, position=at)
    return Piece(
        kind="scope",
        text=name,
        position=at,
        alphabet=digits + ascii_letters,
        least=least,
        most=most,
    )


def is_scope_name(name: object) -> bool:
    """Tell whether a scope may be called so: ASCII, like a Python name, at most 30."""
    return isinstance(name, str) and _SCOPE.fullmatch(name) is not None
