"""Notes on an exception that leaves a run: through which steps it came, with what."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from services.attributes import shown_values
from services.definition import LAYERS
from services.fields import fields_of

if TYPE_CHECKING:
    from services.definition import Definition
    from services.service import Service


class Trail(str):
    """The note ``IssueInvoice > allocate_number (3 of 5) > AllocateNumber > ...``."""

    __slots__ = ()


def tell_where(
    error: BaseException, service: Service, definition: Definition, at: str | None
) -> None:
    """
    Add one run to the trail of an exception; the innermost adds its inputs as well.

    An exception that takes no notes, a frozen dataclass say, goes on without them.

    :param at: the step that failed, or the method of a stage, or None for neither.
    """
    with suppress(Exception):
        tell_remedy(error, service)
        _add_notes(error, service, definition, at)


def tell_remedy(error: BaseException, service: Service) -> None:
    """
    Say where it is, if a step asked its service for what one of the layers has.

    A ``__getattr__`` could say it at once, but in a class that has one, Python looks
    up every name more slowly.
    """
    if isinstance(error, AttributeError) and error.obj is service:
        own, name = type(service), error.name
        for layer in LAYERS:
            if name in fields_of(getattr(own, layer)):
                error.add_note(f"  It is in the {layer}: self.{layer}.{name}.")


class TellingRemedy:
    """Look at the errors that pass, as :func:`tell_remedy` does."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None:
            tell_remedy(error, self.service)


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
            notes[index] = Trail(f"  {here} > {note.strip()}")
            return
    error.add_note(Trail(f"  {here}"))
    error.add_note(f"  inputs: {shown_values(service.inputs) or 'none'}")  # type: ignore[arg-type]
