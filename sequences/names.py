"""Which names a sequence may have: the same ones on every database."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 100

# Characters that a reader does not see, or that reorder what he sees.
_UNSEEN: Final = {"Cc", "Cs"}
_BIDIRECTIONAL: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def problem_with(name: object) -> str | None:
    """
    Tell what is wrong with the name of a sequence, or give None.

    Names are compared by their characters, and are all different to every database:
    what two databases, or two readers, might take for the same name is refused.
    """
    if not isinstance(name, str):
        return f"its name must be text, got {type(name).__name__}."
    if len(name) > LONGEST:
        return f"its name has {len(name)} characters, at most {LONGEST} are possible."
    if name.isascii() and name.isprintable():
        return None
    for character in name:
        if unicodedata.category(character) in _UNSEEN or character in _BIDIRECTIONAL:
            return f"its name holds the invisible character U+{ord(character):04X}."
    if not unicodedata.is_normalized("NFC", name):
        return (
            "its name is not in Unicode's composed form. "
            "Pass it through unicodedata.normalize('NFC', name)."
        )
    return None
