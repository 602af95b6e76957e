"""The one place where a run can be seen from outside, or answered in its stead."""

from __future__ import annotations

from contextvars import ContextVar
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from services.execution import Plan
    from services.observers import Observer


class Seam:
    """
    Who looks at runs, and which services are replaced.

    A run asks ``in_use`` and nothing else; only if that is not zero it looks further.
    """

    __slots__ = ("_lock", "everywhere", "in_use", "replaced")

    def __init__(self) -> None:
        self.in_use = 0
        """How many observers and replacements there are, in all threads together."""
        self.everywhere: tuple[Observer, ...] = ()
        """The observers of the process."""
        self.replaced: dict[type[Any], Plan] = {}
        """What runs instead of a service's own steps, for tests."""
        self._lock = Lock()

    def enter(self) -> None:
        """Count one observer or replacement more."""
        with self._lock:
            self.in_use += 1

    def leave(self) -> None:
        """Count one less."""
        with self._lock:
            self.in_use -= 1

    def add(self, observer: Observer) -> None:
        """Let an observer see all runs of the process."""
        with self._lock:
            self.everywhere = (*self.everywhere, observer)
            self.in_use += 1

    def remove(self, observer: Observer) -> bool:
        """Let it go; tell whether it was there."""
        with self._lock:
            left = tuple(each for each in self.everywhere if each is not observer)
            self.in_use -= len(self.everywhere) - len(left)
            was_there = len(left) < len(self.everywhere)
            self.everywhere = left
        return was_there


SEAM: Final = Seam()

HERE: Final[ContextVar[tuple[Observer, ...]]] = ContextVar("services.observers")
"""The observers of the scopes that are open here: in this thread, or this task."""
