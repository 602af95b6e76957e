"""Which names a sequence may have, and other texts that are told apart."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 100

# Characters that a reader does not see, or that reorder what he sees.
_UNSEEN: Final = {"Cc", "Cs"}
# In a name the others as well, that are of use in some scripts: two would look alike.
_UNSEEN_IN_NAMES: Final = "Cf"
_BIDIRECTIONAL: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def problem_with_name(name: object) -> str | None:
    """
    Tell what is wrong with the name of a sequence, or give None.

    Names are compared by their characters, and are all different to every database:
    what two databases, or two readers, might take for the same name is refused.
    """
    problem = problem_with(name)
    if problem is None and isinstance(name, str) and not name.isascii():
        for character in name:
            if unicodedata.category(character) == _UNSEEN_IN_NAMES:
                return _invisible("its name", character)
    return problem


def problem_with(
    text: object, *, what: str = "its name", longest: int = LONGEST
) -> str | None:
    """
    Tell what is wrong with a text that is kept, or give None.

    :param what: what the text is, to begin the sentence with.
    :param longest: how many characters it may have.
    """
    if not isinstance(text, str):
        return f"{what} must be text, got {type(text).__name__}."
    if len(text) > longest:
        return f"{what} has {len(text)} characters, at most {longest} are possible."
    if text.isascii() and text.isprintable():
        return None
    for character in text:
        if unicodedata.category(character) in _UNSEEN or character in _BIDIRECTIONAL:
            return _invisible(what, character)
    if not unicodedata.is_normalized("NFC", text):
        return (
            f"{what} is not in Unicode's composed form. "
            f"Pass it through unicodedata.normalize('NFC', ...)."
        )
    return None


def _invisible(what: str, character: str) -> str:
    return f"{what} holds the invisible character U+{ord(character):04X}."
