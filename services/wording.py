"""How values, names and suggestions are put into a sentence."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable
from decimal import DecimalException
from difflib import get_close_matches
from functools import singledispatch
from typing import Any, Final

MASK: Final = "***"

_CONTAINERS: Final = (dict, list, tuple, set, frozenset)
_LONGEST_SENTENCE: Final = 200
_LONGEST_INT: Final = 128  # bits; the text of a very long one takes quadratic time


@singledispatch
def short_form(_: object) -> str | None:
    """
    Give the short form of an object, where its kind has one of its own.

    Register a function here for classes whose ``__repr__`` costs, or has effects.
    """
    return None


class _Shortener(reprlib.Repr):
    """Cuts texts and containers, and asks nothing lazy for its elements."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = 60
        self.maxlevel = 2

    def repr_instance(self, x: Any, level: int) -> str:
        known = short_form(x)
        if known is not None:
            return known
        if isinstance(x, str | bytes | bytearray):
            if len(x) > self.maxstring:
                return self.repr_str(x, level)  # type: ignore[arg-type]  # it slices
        elif isinstance(x, _CONTAINERS):  # of a subclass, say a named tuple
            base = next(base for base in _CONTAINERS if isinstance(x, base))
            shown: str = getattr(self, f"repr_{base.__name__}")(x, level)
            return shown
        elif isinstance(x, Iterable) and not isinstance(x, range):
            return f"<{type(x).__name__}>"
        return super().repr_instance(x, level)

    def repr_int(self, x: int, level: int) -> str:
        if x.bit_length() > _LONGEST_INT:
            return f"<int of {x.bit_length()} bits>"
        return super().repr_int(x, level)


_shortener: Final = _Shortener()


def short(value: object) -> str:
    """
    Give a value in at most some sixty characters, without side effects.

    Lazy collections (a query set, a generator) are named, not evaluated: this runs
    while an error is on its way, perhaps inside a broken transaction.
    """
    try:
        return _shortener.repr(value)
    except Exception:  # noqa: BLE001 - a broken __repr__ must not hide the real error
        return f"<{type(value).__name__}>"


def got(value: object) -> str:
    """Give a value with its type, for the end of a refusal."""
    if value is None:
        return "None"
    name, shown = type(value).__name__, short(value)
    return shown if shown.startswith(f"{name}(") else f"{name} {shown}"


def got_data(value: object) -> str:
    """Give a value with its type; of what is in a list or object, all may be secret."""
    return type(value).__name__ if isinstance(value, list | dict) else got(value)


def said(error: BaseException) -> str:
    """Give what an error says in a sentence, cut where it repeats a long value."""
    if type(error) is KeyError:  # it says the key, and nothing else
        return short(error)
    if isinstance(error, DecimalException):  # it says which classes it is of
        return type(error).__name__
    # attrs' validators put facts behind the sentence into args.
    text = str(error.args[0] if error.args else error) or short(error)
    return text if len(text) <= _LONGEST_SENTENCE else f"{text[:_LONGEST_SENTENCE]}..."


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Give `` Did you mean 'x'?`` for the nearest known name, or nothing."""
    close = get_close_matches(name[:100], list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def annotation_name(annotation: Any) -> str:
    """Give an annotation as its author wrote it, near enough."""
    if annotation is None or annotation is type(None):
        return "None"
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return _unqualified(str(annotation))


# A literal text, to be left alone, or a dotted name.
_DOTTED: Final = re.compile(r"""'[^']*'|"[^"]*"|(?:[\w.]|<locals>)+""")


def _unqualified(text: str) -> str:
    """Drop module paths: ``list[shop.models.Line]`` is ``list[Line]``."""
    return _DOTTED.sub(
        lambda found: (
            found[0]
            if found[0][0] in "'\"" or found[0] == "..."
            else found[0].rpartition(".")[2]
        ),
        text,
    )


def without_locals(qualified_name: str) -> str:
    """Give ``IssueInvoice.inputs``, also for a class made inside a function."""
    return qualified_name.rpartition("<locals>.")[2]


def layer_name(cls: type) -> str:
    """Give ``IssueInvoice.internals``: the layer as its author knows it."""
    return without_locals(cls.__qualname__)
