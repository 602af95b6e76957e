"""Notes on an exception that leaves a run: through which steps it came, with what."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Final, Self

from services.attributes import shown_values

if TYPE_CHECKING:
    from services.definition import Definition
    from services.service import Service


BEGAN: Final = "_began"
"""Where a service keeps the moment at which its run began."""

moment: Final = count().__next__


class Trail(str):
    """
    The note ``IssueInvoice > allocate_number (3 of 5) > AllocateNumber > ...``.

    :ivar written: the moment at which it was, in this process.
    """

    __slots__ = ("written",)
    written: int

    def __new__(cls, text: str) -> Self:  # noqa: D102
        trail = super().__new__(cls, text)
        trail.written = moment()
        return trail

    def __reduce__(self) -> tuple[type[Trail], tuple[str]]:
        return Trail, (str(self),)


def tell_where(
    error: BaseException, service: Service, definition: Definition, at: str | None
) -> None:
    """
    Add one run to the trail of an exception; the innermost adds its inputs as well.

    The trail of an earlier run gives way, if the same exception is raised once more. An
    exception that takes no notes, a frozen dataclass say, goes on without them.

    :param at: the step that failed, or the method of a stage, or None for neither.
    """
    with suppress(Exception):
        _add_notes(error, service, definition, at)


def _add_notes(
    error: BaseException, service: Service, definition: Definition, at: str | None
) -> None:
    here = definition.name
    if at is not None:
        names = [step.name for step in definition.steps]
        place = f" ({definition.place_of(at)})" if at in names else ""
        here = f"{here} > {at}{place}"
    notes = getattr(error, "__notes__", [])
    for index, note in enumerate(notes):
        if isinstance(note, Trail):
            if note.written > vars(service)[BEGAN]:  # by a run inside this one
                notes[index] = Trail(f"  {here} > {note.strip()}")
                return
            del notes[index : index + 2]
            break
    error.add_note(Trail(f"  {here}"))
    error.add_note(f"  inputs: {shown_values(service.inputs) or 'none'}")  # type: ignore[arg-type]
