"""A language without letters: what is still readable was never translated."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from unittest.mock import patch

from django.utils.translation import override, trans_real

_PLACEHOLDER = re.compile(r"(%(?:\(\w+\))?[sd])")


class Unreadable(gettext.NullTranslations):
    """Says each text with dots for its letters; what is put into it stays."""

    def gettext(self, message: str) -> str:
        """Blank out a text; Django puts its context in front."""
        text = message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]
        return "".join(
            part if _PLACEHOLDER.match(part) else re.sub(r"\w", "·", part)
            for part in _PLACEHOLDER.split(text)
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Blank out one of two texts."""
        return self.gettext(msgid1 if n == 1 else msgid2)

    def to_language(self) -> str:
        """Name the language, as Django asks."""
        return "x-dots"


@contextmanager
def unreadable() -> Iterator[None]:
    """Activate that language."""
    known = {**trans_real._translations, "x-dots": Unreadable()}
    with patch.object(trans_real, "_translations", known), override("x-dots"):
        yield


class Words(HTMLParser):
    """The words that people meet on a page: texts, and what is read out instead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._is_style = False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self._is_style = tag == "style"
        for name, value in attributes:
            if name in {"aria-label", "alt", "title", "placeholder"}:
                self._take(value)

    def handle_data(self, data):
        if not self._is_style:
            self._take(data)

    def _take(self, text):
        self.found |= set(re.findall(r"[A-Za-z]+", text))
