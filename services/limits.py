"""How large untrusted data may be, and the guard that looks before the parser."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any, Final, NoReturn

from attrs import field, frozen
from attrs.validators import ge, instance_of, le

from services.errors import InputProblem

BITS: Final = 64
"""Of an integer, its sign apart."""

DIGITS: Final = 19
"""What a 64-bit integer can have; more cost Python quadratic time to read."""

Way = tuple[Any, str | int] | None
"""The way to what is around a value, and its key or index there; None is the top."""

_IS_INT: Final = instance_of(int)


@frozen(kw_only=True)
class Limits:
    """
    How large untrusted data may be. Every limit has a hard ceiling.

    :param depth: lists and dicts inside each other, 1 to 100.
    :param nodes: values in all, 1 to 1,000,000.
    :param items: elements of one list, keys of one dict, 1 to 100,000.
    :param text: characters of one string, and (times ten) of JSON text as a whole,
        1 to 10,000,000.

    .. versionadded:: 0.1
    """

    depth: int = field(default=32, validator=[_IS_INT, ge(1), le(100)])
    nodes: int = field(default=10_000, validator=[_IS_INT, ge(1), le(1_000_000)])
    items: int = field(default=1_000, validator=[_IS_INT, ge(1), le(100_000)])
    text: int = field(default=100_000, validator=[_IS_INT, ge(1), le(10_000_000)])


class TooLarge(Exception):
    """Data beyond a limit, or that is no data; carries the one problem to tell."""

    def __init__(self, path: str, code: str, message: str) -> None:
        self.problem = InputProblem(path, code, message)
        super().__init__(message)


def parse_json(text: str | bytes, limits: Limits) -> object:
    """
    Parse JSON text in linear time.

    :raises TooLarge: beyond the limits, or not JSON, or JSON that says a key twice.
    """
    ceiling = limits.text * 10
    if len(text) > ceiling:
        _refuse(
            "limit", f"is {len(text)} characters of JSON, at most {ceiling} are read"
        )
    try:
        text = text.decode() if isinstance(text, bytes) else text
        _guard_depth(text, limits.depth)
        return json.loads(
            text,
            parse_int=_integer,
            parse_constant=_constant,
            object_pairs_hook=_without_doubles,
        )
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        _refuse("invalid", f"is not JSON: {error}")


# A string as a whole, also one that is never closed, or one bracket. Possessive: it
# never goes back, so that no text takes more than linear time.
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


def _guard_depth(text: str, most: int) -> None:
    """Look before the parser does: it recurses."""
    depth = 0
    for token in _TOKEN.finditer(text):
        bracket = token[0][0]
        if bracket in "[{":
            depth += 1
            if depth > most:
                _refuse("limit", f"is nested deeper than {most} levels")
        elif bracket in "]}":
            depth -= 1


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > DIGITS:
        _refuse("limit", f"holds an integer of more than {DIGITS} digits")
    return int(digits)


def _constant(name: str) -> NoReturn:
    _refuse("invalid", f"holds {name}, which is not JSON")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        _refuse("invalid", "holds an object that says the same key twice")
    return found


def _refuse(code: str, message: str) -> NoReturn:
    raise TooLarge("", code, message) from None


def guard(data: object, limits: Limits) -> None:
    """
    Walk data without recursion, and stop at the first limit.

    :raises TooLarge: beyond the limits; a structure that contains itself always is.
    """
    nodes = 0
    waiting: list[tuple[object, Way, int]] = [(data, None, 1)]
    while waiting:
        value, way, depth = waiting.pop()
        nodes += 1
        if nodes > limits.nodes:
            _refuse("limit", f"holds more than {limits.nodes} values")
        if isinstance(value, str):
            _guard_text(value, way, limits)
        elif isinstance(value, int) and value.bit_length() > BITS:
            raise TooLarge(_path(way), "limit", f"does not fit into {BITS} bits")
        elif isinstance(value, float) and not isfinite(value):
            raise TooLarge(_path(way), "invalid", "is not a finite number")
        elif isinstance(value, dict | list | tuple):
            if depth > limits.depth:
                _refuse("limit", f"is nested deeper than {limits.depth} levels")
            if len(value) > limits.items:
                message = f"has {len(value)} items, at most {limits.items} are taken"
                raise TooLarge(_path(way), "limit", message)
            if isinstance(value, dict):
                _guard_keys(value, way, limits)
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [(item, (way, step), depth + 1) for step, item in pairs]


def _guard_keys(value: dict[Any, Any], way: Way, limits: Limits) -> None:
    for key in value:
        if not isinstance(key, str):
            raise TooLarge(_path(way), "type", "has a key that is not text")
        _guard_text(key, way, limits)


def _path(way: Way) -> str:
    if way is None:
        return ""
    before, step = way
    path = _path(before)
    return f"{path}[{step}]" if isinstance(step, int) else joined(path, step)


def joined(path: str, name: str) -> str:
    """
    Give ``lines[3].quantity`` for ``lines[3]`` and ``quantity``.

    A long name is cut, and none begins a new line in a log or writes over one.
    """
    name = name if len(name) <= 100 else f"{name[:100]}..."  # noqa: PLR2004
    name = name if name.isprintable() else name.encode("unicode_escape").decode()
    return f"{path}.{name}" if path else name


def _guard_text(text: str, way: Way, limits: Limits) -> None:
    if len(text) > limits.text:
        message = f"has {len(text)} characters, at most {limits.text} are taken"
        raise TooLarge(_path(way), "limit", message)
    if "\0" in text:
        raise TooLarge(_path(way), "invalid", "holds a NUL character")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            message = "holds half a surrogate pair, which is no character"
            raise TooLarge(_path(way), "invalid", message) from None
