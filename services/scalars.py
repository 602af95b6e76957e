"""Single values out of data, and how one of a wrong type is told."""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

import cattrs

from services.typecheck import compile_check
from services.wording import got, got_data

Hook = Callable[[Any, Any], Any]


class WrongType(ValueError):
    """A value that is not of the type asked for."""


def wrong(expected: str, value: object) -> WrongType:
    """Give the error that tells of a value which is not of the type asked for."""
    return WrongType(f"must be {expected}, got {got_data(value)}")


_INTEGERS: Final = range(-(2**63), 2**63)
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
_HEXADECIMAL: Final = re.compile("[0-9a-fA-F-]+")


_LARGEST_EXPONENT: Final = 30
_LONGEST_TEXT: Final = 100  # of a date or a UUID, however it is written


def _integer(value: Any, _: Any) -> int:
    if type(value) is not int:
        raise wrong("int", value)
    if value not in _INTEGERS:
        msg = "does not fit into 64 bits"
        raise ValueError(msg)
    return value


def _float(value: Any, _: Any) -> float:
    if type(value) not in (int, float):
        raise wrong("float", value)
    return float(_integer(value, int)) if type(value) is int else value


def _exactly(kind: type) -> Hook:
    def hook(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise wrong(kind.__name__, value)
        return value

    return hook


def _uuid(text: str) -> UUID:
    # UUID itself reads with int(), which takes '0x', '1_000' and digits of any script.
    if not _HEXADECIMAL.fullmatch(text):
        raise ValueError(text)
    return UUID(text)


def _decimal(value: Any, _: Any) -> Decimal:
    # Without exponents: '1e1000000' is nine bytes, and half a minute as an int.
    if isinstance(value, Decimal):
        # Adjusted: the exponent in scientific notation.
        if not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT:
            msg = f"is no plain decimal such as '12.50': {got(value)}"
            raise ValueError(msg)
        return value
    if type(value) is int:
        return Decimal(_integer(value, int))
    if not isinstance(value, str):
        raise wrong("a decimal as text, for example '12.50'", value)
    if not _DECIMAL.fullmatch(value):
        msg = f"is no plain decimal such as '12.50': {got(value)}"
        raise ValueError(msg)
    return Decimal(value)


_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME: Final = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_OFFSET: Final = r"(Z|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?"


def _iso(kind: type[date | time], form: str) -> Callable[[str], Any]:
    # fromisoformat also reads weeks, and dates where a moment is asked for.
    is_of_form = re.compile(form).fullmatch

    def parse(text: str) -> Any:
        if not is_of_form(text):
            raise ValueError(text)
        return kind.fromisoformat(text)

    return parse


def _from_text(kind: type, parse: Callable[[str], Any], example: str) -> Hook:
    def hook(value: Any, _: Any) -> Any:
        if type(value) is kind:
            return value
        if not isinstance(value, str):
            raise wrong(f"{kind.__name__} as text, for example {example!r}", value)
        try:
            if len(value) <= _LONGEST_TEXT:
                return parse(value)
        except ValueError:
            pass
        msg = f"is no {kind.__name__} such as {example!r}: {got(value)}"
        raise ValueError(msg)

    return hook


def of_enum(value: Any, kind: type[Enum]) -> Enum:
    """Give the member of that value; True is not 1 here."""
    if isinstance(value, kind):
        return value
    for member in kind:
        if type(member.value) is type(value) and member.value == value:
            return member
    choices = ", ".join(repr(member.value) for member in kind)
    raise wrong(f"one of {choices}", value)


def as_it_is(annotation: Any, _converter: cattrs.Converter | None = None) -> Hook:
    """Take only what is of the type already: a literal, or what data cannot express."""
    check = compile_check(annotation)

    def hook(value: Any, _: Any) -> Any:
        if not check.accepts(value):
            raise wrong(check.expected, value)
        return value

    return hook


SCALARS: Final[dict[Any, Hook]] = {
    int: _integer,
    float: _float,
    bool: _exactly(bool),
    str: _exactly(str),
    bytes: _exactly(bytes),
    Decimal: _decimal,
    date: _from_text(date, _iso(date, _DATE), "2026-11-21"),
    datetime: _from_text(
        datetime,
        _iso(datetime, f"{_DATE}[T ]{_TIME}{_OFFSET}"),
        "2026-11-21T10:00:00+01:00",
    ),
    time: _from_text(time, _iso(time, f"{_TIME}{_OFFSET}"), "10:00:00"),
    UUID: _from_text(UUID, _uuid, "12345678-1234-5678-1234-567812345678"),
    types.NoneType: _exactly(types.NoneType),
}
