"""The highest number on a document, for those who must not pass it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PERCENT: Final = re.compile("%[%s]?")
"""A parameter, a percent sign, or one in the name of a column, which SQLite takes."""


@frozen(eq=False)
class Highest:
    """
    A query for the highest number on a document: one row, or none.

    :ivar statement: the query, with names for its parameters; in parentheses, a value.
    :ivar parameters: what it takes, by name.
    """

    statement: str
    parameters: Mapping[str, Any]

    @classmethod
    def of(cls, statement: str, parameters: Iterable[Any]) -> Self:
        """Name the parameters of a query, so that it can stand in another one."""
        named = {f"highest_{at}": told for at, told in enumerate(parameters)}
        names = iter(named)

        def put(found: re.Match[str]) -> str:
            return f"%({next(names)})s" if found[0] == "%s" else "%%"

        return cls(_PERCENT.sub(put, statement), named)
