"""A model field that holds a number: value, text and period stay consistent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import connections, models, router
from django.db.models.query import QuerySet
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_save, pre_save

from sequences.companions import Companions, shown
from sequences.definitions import Sequence
from sequences.drawn import Drawn, Memory
from sequences.errors import InvalidColumn, InvalidNumber, InvalidSequence, StaleNumber
from sequences.expressions import NextNumber
from sequences.guarantees import Guarantee

if TYPE_CHECKING:
    from django.db.models import Model

    # Generic to type checkers only: Django's own class takes no arguments.
    NullableInteger = models.BigIntegerField[int | None, int | None]
else:
    NullableInteger = models.BigIntegerField

_DRAWN: Final = "_drawn_{}"


class NumberAttribute(DeferredAttribute):
    """Forgets that a number was drawn, once another one is put in its place."""

    def __set__(self, instance: Model, value: object) -> None:
        name = self.field.attname
        instance.__dict__[name] = value
        instance.__dict__.pop(_DRAWN.format(name), None)


class NumberField(Companions, NullableInteger):
    """
    A number of a sequence on a document, with the columns that go with it.

    A field that cannot be NULL draws its number when the document is inserted: by
    ``save``, ``create`` or ``bulk_create``, in the caller's transaction. One with
    ``null=True`` leaves drafts without a number, until :class:`NumberDocument` draws
    one. Either way number, text and period are set together. Forms do not show it.

    Whenever the document is saved, a number is refused that was given back by a
    rollback, that was not drawn for a document which is new, or that does not go with
    the document's text, date and scope. Where there is neither text nor period beside
    it, a :class:`NextNumber` may stand in its place. ``loaddata``, ``QuerySet.update``
    and ``bulk_update`` write what they are told: audits see what they did.

    A number is never written over by another, or by none: where the field may be NULL,
    each save of a document without a number, or with one just drawn, looks whether it
    was given one since it was read. In a transaction nobody can number it after that
    look; in autocommit somebody may, within the millisecond before it is saved. It
    looks in the database that the document was read from.

    Where the sequence has a ledger, its numbers are assigned there to their documents:
    when they are drawn, or as soon as the document is saved and has a key. Those of
    ``bulk_create`` stay reserved. A number that became void before its document bore it
    is refused by NumberVoid, and one that was assigned to another document by
    NumberOnDocument: before anything is written. In autocommit somebody may void it
    within the millisecond behind that look: then the refusal comes when the document is
    stored.

    To migrations it is a ``BigIntegerField``.

    :param sequence: where its numbers come from.
    :param on: the field of the document's date, where the sequence counts by period.
    :param scope: the fields of the values of its scope, by their names in the sequence;
        of a foreign key it is the key. None: they are called the same.
    :param text: a field of text for the printed number. None: it is not stored.
    :param period: a field of text for the key of the period, as ``2026`` or
        ``2026-04``. None: it is not stored.
    :param options: what any field takes.
    :raises InvalidSequence: if the sequence counts by period and ``on`` is missing, or
        does not and it is given; or if it is GROUPED, so that its documents are
        numbered later, and cannot be without a number, or its text has a check digit.

    .. versionadded:: 0.1
    """

    descriptor_class = NumberAttribute

    def __init__(
        self,
        sequence: Sequence,
        *,
        on: str | None = None,
        scope: Mapping[str, str] | None = None,
        text: str | None = None,
        period: str | None = None,
        **options: Any,
    ) -> None:
        if not isinstance(sequence, Sequence):
            reason = "a NumberField takes a declared one. Pass the Sequence itself."
            raise InvalidSequence(sequence, reason)
        printing = sequence.printing
        name = sequence.sequence_name
        if sequence.guarantee is Guarantee.GROUPED:
            printed = None if printing is None else printing.format
            reason = None
            if not options.get("null"):
                reason = "its documents have no number at first. Say null=True."
            elif text is not None and printed is not None and printed.has_check:
                reason = "NumberPending prints no check digits. Leave text= out."
            if reason is not None:
                raise InvalidSequence(name, f"it is declared as GROUPED: {reason}")
        if (period or on) and (printing is None or printing.calendar is None):
            reason = "it counts through all periods. Leave on= and period= out."
            raise InvalidSequence(name, reason)
        if on is None and printing is not None and printing.calendar is not None:
            reason = f"it counts by {printing.apart}. Say on='the field of the date'."
            raise InvalidSequence(name, reason)
        self.sequence = sequence
        self.on, self.text, self.period = on, text, period
        if not isinstance(scope, Mapping | None):
            reason = "scope= must be fields by name, as {'branch': 'shop_code'}."
            raise InvalidSequence(name, reason)
        names = () if printing is None else printing.scope
        self.scope = {each: (scope or {}).get(each, each) for each in names}
        options.setdefault("editable", False)
        super().__init__(**options)

    def contribute_to_class(
        self,
        cls: type[Model],
        name: str,
        private_only: bool = False,  # noqa: FBT001, FBT002 - as Django's own
    ) -> None:
        """Look when documents of a model are saved: a copy must not be as well."""
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:  # from any: proxies and children tell their own name
            post_save.connect(self._remember_save)
            if self.written:
                pre_save.connect(self._refuse_half)

    def _refuse_half(
        self, instance: Model, update_fields: frozenset[str] | None, **_: Any
    ) -> None:
        """Refuse to save a number that was just drawn, or what goes with it, alone."""
        together = {self.name, *self.written}
        named = together if update_fields is None else together & update_fields
        if named in (together, set()) or not isinstance(instance, self.model):
            return
        drawn = self.drawn_for(instance)
        if drawn is not None and not drawn.is_written:
            lost = " and ".join(sorted(together - named))
            reason = (
                f"update_fields leaves out {lost}, which would be lost. Name all that "
                f"go together, or leave update_fields out."
            )
            raise self.invalid(instance, reason)

    def _remember_save(self, instance: Model, using: str, **how: Any) -> None:
        drawn = None
        if isinstance(instance, self.model):
            drawn = self.drawn_for(instance)
        if drawn is None:
            return
        fields = how["update_fields"]
        is_written = fields is None or self.name in fields
        was_written = drawn.is_written and not how["created"]
        if is_written:
            drawn.written = Memory.of(using)
        if how["created"]:
            drawn.inserted = Memory.of(using)
            drawn.inserted_as = instance.pk
        if drawn.sequence is not None and is_written and not how["raw"]:
            from sequences.ledger.telling import tell  # noqa: PLC0415 - it imports us

            value = getattr(instance, self.attname)
            tell(drawn.sequence, drawn, value, instance, was_written=was_written)

    def deconstruct(self) -> Any:
        """Give migrations a plain field: where numbers come from is no schema."""
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.BigIntegerField", arguments, options

    def clone(self) -> NumberField:
        """Give the same field again, as Django does for abstract models."""
        *_, options = super().deconstruct()
        return NumberField(
            self.sequence,
            on=self.on,
            scope=self.scope,
            text=self.text,
            period=self.period,
            **options,
        )

    def pre_save(self, model_instance: Model, add: bool) -> Any:  # noqa: FBT001
        """
        Draw a number where one is due; refuse one that is not the document's.

        :raises StaleNumber: if a rollback gave it back.
        :raises InvalidNumber: if it was not drawn for a new document, or does not go
            with its text, date and scope; or if the document was given another number
            since it was read.
        :raises NumberVoid: if it became void before the document bore it.
        :raises NumberOnDocument: if it was assigned to another one before.
        :raises NumberNotGivenOut: if its counter was set back below it before.
        :raises DocumentsAhead: where one is drawn, as by :class:`NumberDocument`.
        """
        value = getattr(model_instance, self.attname)
        if value is None and add and not self.null:
            from sequences.allocation.number_document import (  # noqa: PLC0415
                NumberDocument,  # it imports us
            )

            NumberDocument.run(document=model_instance, field=self.name)
            return getattr(model_instance, self.attname)
        is_stored = not model_instance._state.adding  # noqa: SLF001 - documented
        if is_stored and not add and self.null:
            self._refuse_to_lose_another(model_instance, value)
        if isinstance(value, NextNumber) and not self.written:
            self._refuse_number_of_another(model_instance, value)
            return value  # The INSERT draws it.
        if value is not None:
            self.refuse_stale(model_instance)
            drawn = self.drawn_for(model_instance)
            if add and (drawn is None or drawn.is_on_other(model_instance)):
                reason = (
                    "it was not drawn for this document. Set it to None to draw one; "
                    "or give it one from elsewhere by NumberDocument."
                )
                raise self.invalid(model_instance, reason)
            self._refuse_inconsistent(model_instance, value)
            if drawn is not None and (add or not drawn.is_written):
                self._refuse_lost(drawn, value, model_instance)
        return value

    def set(self, document: Model, part: Sequence, value: int) -> None:
        """Put a number on a document, with all that goes with it; saves nothing."""
        setattr(document, self.attname, value)
        for name, text in self.columns(part, value).items():
            setattr(document, name, text)
        document.__dict__[_DRAWN.format(self.attname)] = Drawn(part)

    def drawn_for(self, document: Model) -> Drawn | None:
        """Give the draw of a document's number; None if it was not drawn just now."""
        found: Drawn | None = document.__dict__.get(_DRAWN.format(self.attname))
        return found

    def refuse_stale(self, document: Model) -> None:
        """
        Refuse a number that somebody else may have.

        :raises StaleNumber: if a rollback gave it back.
        """
        drawn = self.drawn_for(document)
        if drawn is not None and drawn.is_undone:
            raise StaleNumber(
                self.sequence.sequence_name,
                document=shown(document),
                field=self.name,
                number=getattr(document, self.attname),
            )

    def invalid(self, document: Model, reason: str) -> InvalidNumber:
        """Make the error that says why a document cannot have its number."""
        return InvalidNumber(
            self.sequence.sequence_name,
            document=shown(document),
            field=self.name,
            number=getattr(document, self.attname),
            reason=reason,
        )

    def _refuse_to_lose_another(self, document: Model, value: object) -> None:
        """Refuse to write over a number that somebody has given the document."""
        drawn = self.drawn_for(document)
        if value is not None and (drawn is None or drawn.is_written):
            return
        using = router.db_for_write(self.model, instance=document)
        connection = connections[using]
        # Whatever its managers leave out, or add.
        stored: QuerySet[Model] = QuerySet(self.model, using=using)
        if connection.in_atomic_block:  # so that nobody does it now
            no_key = connection.features.has_select_for_no_key_update
            stored = stored.select_for_update(no_key=no_key)
        meta: Any = self.model._meta  # perhaps a parent's
        found = stored.filter(pk=getattr(document, meta.pk.attname))
        number = next(iter(found.values_list(self.name, flat=True)), None)
        if number is not None and number != value:
            reason = (
                f"in the database it has number {number}, and would lose it. Call "
                f"refresh_from_db(), and change it then. Only QuerySet.update() takes "
                f"a number away."
            )
            raise self.invalid(document, reason)

    def _refuse_lost(self, drawn: Drawn, value: int, document: Model) -> None:
        """Refuse a number that the ledger does not know as the document's any more."""
        if drawn.sequence is not None:
            from sequences.ledger.telling import (  # noqa: PLC0415 - it imports us
                refuse_lost,
            )

            refuse_lost(drawn.sequence, drawn, value, document)

    def _refuse_number_of_another(self, document: Model, value: NextNumber) -> None:
        """Refuse a number that will be drawn for another sequence, or part of it."""
        part = self.part_of(document)
        if value.sequence.sequence_name != part.sequence_name:
            reason = f"it is numbered by {part.sequence_name!r}. Draw from that."
            raise self.invalid(document, reason)

    def _refuse_inconsistent(self, document: Model, value: int) -> None:
        fields: Any = document._meta
        needed = {fields.get_field(at).attname for at in self.read + self.written}
        if not self.written or needed & document.get_deferred_fields():
            return
        for name, text in self.columns(self.part_of(document), value).items():
            stored = getattr(document, name)
            if stored != text:
                reason = (
                    f"its {name} is {stored!r}, and by its date and scope it would be "
                    f"{text!r}. A document with a number stays where it is counted: "
                    f"put it back, or call refresh_from_db()."
                )
                raise self.invalid(document, reason)


def number_field(document: Model, name: str | None = None) -> NumberField:
    """
    Give the field of a document's number; a name is needed where there are several.

    :raises InvalidColumn: if there is none of this name, or not exactly one.
    """
    known = {
        field.name: field
        for field in document._meta.concrete_fields
        if isinstance(field, NumberField)
    }
    if name is None and len(known) == 1:
        [name] = known
    if name not in known:
        model = document._meta.label
        where = model if name is None else f"{model}.{name}"
        has = " and ".join(sorted(known)) or "no NumberField"
        raise InvalidColumn("", where, f"{model} has {has}. Name one NumberField.")
    return known[name]
