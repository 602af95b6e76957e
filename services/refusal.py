"""Refusing a class in the making, with the place of its statement."""

from __future__ import annotations

import inspect
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from services.errors import DefinitionError
from services.wording import did_you_mean, without_locals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FrameType

_OURS = f"{Path(__file__).parent}{os.sep}"


def class_statement() -> FrameType:
    """Give the nearest frame outside this package and attrs: the user's class body."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the only way to it
    while frame is not None and _is_machinery(frame):
        frame = frame.f_back
    return frame or sys._getframe(1)  # noqa: SLF001


def _is_machinery(frame: FrameType) -> bool:
    name = frame.f_code.co_filename
    return name.startswith(("<attrs", _OURS)) or frame.f_globals.get(
        "__name__", ""
    ).startswith(("attr.", "attrs."))


def refuse(owner: str | None, reason: str) -> NoReturn:
    """
    Refuse a class that is being created.

    :param owner: its qualified name; None inside its body, where only Python knows it.
    """
    frame = class_statement()
    code = frame.f_code
    file = Path(code.co_filename).name
    raise DefinitionError(
        without_locals(owner or code.co_qualname),
        reason,
        where=f"{file}:{frame.f_lineno}",
    )


def takes(function: Any, count: int) -> bool:
    """Tell whether so many arguments can be given; True where nothing is known."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of some builtins
        return True
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def refuse_unknown_options(
    verb: str, unknown: Mapping[str, Any], known: Iterable[str]
) -> None:
    """Refuse the first option that a declaring function does not have."""
    for name in unknown:
        remedy = did_you_mean(name, known) or f" It has {', '.join(known)}."
        refuse(None, f"{verb} has no option {name!r}.{remedy}")
