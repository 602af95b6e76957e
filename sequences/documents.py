"""Where documents are: the model, and the column of their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from attrs import frozen
from django.apps import apps

if TYPE_CHECKING:
    from django.db.models import Model


@frozen(kw_only=True)
class Documents:
    """
    Where the numbers of a sequence are stored.

    :ivar model: the model of the documents.
    :ivar field: the name of the field that holds the number.
    :ivar table: the table of the model; not quoted, like the following.
    :ivar column: the column of the field.
    :ivar key: the column of the primary key.
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
        return cls(
            model=model,
            field=field,
            table=model._meta.db_table,
            column=model._meta.get_field(field).column,
            key=model._meta.pk.column,
        )
