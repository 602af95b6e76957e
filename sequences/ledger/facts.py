"""What an entry of the ledger says beside its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from attrs import frozen
from django.db.models import Model

from sequences.companions import as_stored, column_of
from sequences.errors import InvalidSequence
from sequences.names import problem_with

if TYPE_CHECKING:
    from sequences.definitions import Sequence

_LONGEST: Final = {"key": 200, "document": 255, "user": 255, "reason": 1_000}


def named(document: Model) -> str:
    """
    Name a stored object by model and key: one row by one name.

    By whatever proxy, and as a child with a table of its own as by its parent; and by
    its key as it is read again, however it was written.
    """
    model: Any = document._meta.concrete_model or type(document)
    while (link := model._meta.pk) in model._meta.parents.values():
        model = link.remote_field.model._meta.concrete_model
    key = as_stored(column_of(model, model._meta.pk.name), document.pk)
    return f"{model._meta.label}:{key or document.pk}"


def checked(sequence: Sequence, what: str, text: Model | str) -> str:
    """
    Give what an entry will say, of a text or of a stored object.

    :param what: the name of the column.
    :raises InvalidSequence: if it cannot be kept, or is empty.
    """
    reason = None
    if isinstance(text, Model):
        if text.pk is None:
            reason = f"its {what} has no primary key yet. Save it first."
        text = named(text)
    elif not text.strip():
        remedy = "Say why." if what == "reason" else "Say something, or leave it out."
        reason = f"its {what} is empty. {remedy}"
    reason = reason or problem_with(text, what=f"its {what}", longest=_LONGEST[what])
    if reason is not None:
        raise InvalidSequence(sequence.sequence_name, reason)
    return text


def checked_or_empty(sequence: Sequence, what: str, text: Model | str | None) -> str:
    """Give what an entry will say of something that need not be told."""
    return "" if text is None else checked(sequence, what, text)


@frozen(kw_only=True)
class Facts:
    """
    What an entry says beside its numbers.

    :ivar key: by which a repeated call finds the numbers; None: it will not.
    :ivar document: what bears the number, as ``"app.Model:key"``; empty if not told,
        and then the number is only reserved.
    :ivar user: who asked; empty if not told.
    """

    key: str | None
    document: str
    user: str

    @classmethod
    def of(
        cls,
        sequence: Sequence,
        *,
        key: str | None,
        document: Model | str | None,
        user: Model | str | None,
    ) -> Self | None:
        """
        Check what a caller told; give None where there is no ledger to tell it.

        :raises InvalidSequence: if it cannot be kept, or there is no ledger for it.
        """
        if not sequence.ledger:
            if key is None and document is None and user is None:
                return None
            sequence.require_ledger()
        return cls(
            key=None if key is None else checked(sequence, "key", key),
            document=checked_or_empty(sequence, "document", document),
            user=checked_or_empty(sequence, "user", user),
        )
