"""Where documents are: the model, and the column of their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from attrs import frozen
from django.apps import apps
from django.db.models.query import QuerySet

if TYPE_CHECKING:
    from django.db.models import Model


@frozen(kw_only=True)
class Documents:
    """
    Where the numbers of a sequence are stored.

    :ivar model: the model of the documents.
    :ivar field: the name of the field that holds the number.
    :ivar table: the table of the field, the model's own or its parent's; not quoted,
        like the following.
    :ivar column: the column of the field.
    :ivar key: the column of that table's primary key; empty if it has several.
    """

    model: type[Model]
    field: str
    table: str
    column: str
    key: str

    @classmethod
    def at(cls, column: str) -> Self:
        """Look up ``"app.Model.field"`` among the project's models."""
        model_name, _, field = column.rpartition(".")
        model: Any = apps.get_model(model_name)
        number = model._meta.get_field(field)
        owner = number.model._meta
        return cls(
            model=model,
            field=field,
            table=owner.db_table,
            column=number.column,
            key=owner.pk.column or "",
        )

    def every(self, using: str) -> QuerySet[Any]:
        """Give all documents: what its managers leave out bears its number as well."""
        return QuerySet(self.model, using=using)
