"""Whether two formats could print the same text. Pure: no Django, no database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sequences.formats import Format


def could_collide(one: Format, other: Format) -> bool:
    """
    Tell whether two formats could print the same text.

    Capital and small letters count as the same, as in many unique indexes. Where it
    cannot be excluded, the answer is yes.

    .. versionadded:: 0.1
    """
    left, right = _shape(one), _shape(other)
    seen: set[tuple[int, int]] = set()
    ahead = [(0, 0)]
    while ahead:
        here = at, by = ahead.pop()
        if here in seen:
            continue
        seen.add(here)
        if here == (len(left), len(right)):
            return True
        if at < len(left) and left[at][1]:
            ahead.append((at + 1, by))
        if by < len(right) and right[by][1]:
            ahead.append((at, by + 1))
        if at < len(left) and by < len(right) and left[at][0] & right[by][0]:
            ahead.append((at + 1, by + 1))
    return False


def _shape(printed: Format) -> list[tuple[frozenset[str], bool]]:
    """Give which characters there may be, one after another, and which may be not."""
    shape: list[tuple[frozenset[str], bool]] = []
    for piece in printed.pieces:
        if piece.kind == "literal":
            shape += [(frozenset(each), False) for each in piece.text.casefold()]
            continue
        characters = frozenset(piece.alphabet.casefold())
        shape += [(characters, at >= piece.least) for at in range(piece.most)]
    return shape
