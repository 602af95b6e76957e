"""Where numbers stand: a column of a table, of any database, looked up and quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from attrs import frozen
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, router

from sequences.counters import home_of
from sequences.errors import InvalidColumn
from sequences.fields import NumberField
from sequences.quoting import identifier, quoted
from services.wording import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.backends.base.base import BaseDatabaseWrapper

    from sequences.definitions import Sequence
    from sequences.formats import Format

# No row, but the names and the types of the columns.
SHAPE: Final = """
      SELECT *
        FROM {table}
       WHERE 1 = 0
"""

# The types that the columns of a table were declared with, as SQLite keeps them.
DECLARED_SQLITE: Final = """
      SELECT name, type
        FROM pragma_table_xinfo(%(table)s)
"""

_PATH: Final = "put it on the path, as ?options=-csearch_path%3Dschema does in a URL"

_INTEGERS: Final = frozenset(
    f"{size}{kind}Field"
    for size in ("", "Big", "Small")
    for kind in ("Auto", "Integer")
)
_DECIMAL: Final = "DecimalField"
_TEXTS: Final = frozenset({"CharField", "TextField", "SlugField"})


@frozen(kw_only=True)
class Column:
    """
    A column that exists and can hold numbers.

    :ivar using: the alias of the database.
    :ivar table: its table; not quoted, like the following.
    :ivar name: its own name.
    :ivar order_by: the column by which its documents are dated, if any.
    :ivar is_exact: whether the database lets nothing but whole numbers in.
    :ivar by: the columns that tell the part of a series, in the order of its name.
    :ivar printed: how its numbers are printed, if it holds text.
    """

    using: str
    table: str
    name: str
    order_by: str | None
    is_exact: bool
    by: tuple[str, ...] = ()
    printed: Format | None = None

    @classmethod
    def of(
        cls,
        *,
        sequence: Sequence | None,
        table: str | None,
        column: str | None,
        order_by: str | None,
        using: str | None,
        by: tuple[str, ...] = (),
        printed: Format | None = None,
    ) -> Self:
        """
        Look up what was named: ``table`` and ``column``, or a field of a model.

        Of a sequence that is stored by a NumberField, it knows the columns beside.

        :raises InvalidColumn: if nothing, or nothing that exists, was named.
        :raises InvalidSequence: if the sequence names a field that does not exist.
        """
        if using is None and sequence is not None:
            using = home_of(sequence)
        if table is not None:
            if column is None:
                raise InvalidColumn(table, "", "name its column as well.")
            return cls.find(
                using or "default", table, column, order_by, by=by, printed=printed
            )
        if column is not None:
            model, field = _model_field(column)
        elif sequence is not None:
            documents = sequence.documents()
            model, field = documents.model, documents.field
        else:
            raise InvalidColumn("", "", "name a sequence, or a table and its column.")
        meta: Any = model._meta
        stored = meta.get_field(field)
        declared = None if sequence is None else sequence.printing
        if declared is not None and declared.only_place is None and not by:
            field, by = _parts_of(stored)
            stored = meta.get_field(field)
        if declared is not None and stored.get_internal_type() in _TEXTS:
            printed = printed or declared.format
        return cls.find(
            using or router.db_for_read(model),
            stored.model._meta.db_table,  # a parent's, if it is inherited
            stored.column,
            None if order_by is None else _column_of(meta, order_by),
            by=tuple(_column_of(meta, each) for each in by),
            printed=printed,
        )

    @classmethod
    def find(
        cls,
        using: str,
        table: str,
        name: str,
        order_by: str | None,
        *,
        by: tuple[str, ...] = (),
        printed: Format | None = None,
    ) -> Self:
        """
        Look a column up in the database itself.

        :raises InvalidColumn: if there is none of these names, or it holds no numbers.
        """
        connection = connections[using]
        lacking = f"no table {table!r}"
        if connection.vendor == "postgresql" and "." in table:
            lacking += f" on the search_path. Leave the schema out, and {_PATH}"
        _require(table, tables_of(connection), table, "", lacking)
        kinds = kinds_of(connection, table)
        for column in (name, *([] if order_by is None else [order_by]), *by):
            _require(column, kinds, table, column, f"no column {column!r}")
        kind = kinds[name]
        if printed is None and not holds_numbers(kind):
            reason = f"it holds no whole numbers: to Django it is a {kind}."
            if kind in _TEXTS:
                reason += " Audit text with format=; adopt from a view of its numbers."
            raise InvalidColumn(table, name, reason)
        return cls(
            using=using,
            table=table,
            name=name,
            order_by=order_by,
            is_exact=kind in _INTEGERS,
            by=by,
            printed=printed,
        )

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """The connection of this thread to its database."""
        return connections[self.using]

    def quoted(self, statement: str, **parts: str) -> str:
        """Put the quoted names, and parts of SQL that are ours, into a statement."""
        names = {"table": self.table, "column": self.name, "order": self.order_by or ""}
        return statement.format(
            **{role: quoted(self.connection, name) for role, name in names.items()},
            **parts,
        )


def tables_of(connection: BaseDatabaseWrapper) -> list[str]:
    """Give the names of the tables and views."""
    return sorted(connection.introspection.table_names(include_views=True))


def kinds_of(connection: BaseDatabaseWrapper, table: str) -> dict[str, str | None]:
    """Give the columns of a table, and what Django calls their types, if it knows."""
    kinds: Any = connection.introspection.data_types_reverse
    with connection.cursor() as cursor:
        cursor.execute(SHAPE.format(table=identifier(connection, table)))
        shape = list(cursor.description or ())
    if connection.vendor == "sqlite":  # a column there holds what one puts in
        return dict.fromkeys(column[0] for column in shape)
    return {column[0]: kinds.get(column[1], "type of its own") for column in shape}


def unfit_kinds(connection: BaseDatabaseWrapper, table: str) -> dict[str, str | None]:
    """
    Give the columns of a table, and the types of those that are not for whole numbers.

    A column of SQLite holds what one puts in; what it was declared for is told then.
    """
    kinds = kinds_of(connection, table)
    if connection.vendor != "sqlite":
        return {
            name: None if holds_numbers(kind) else kind for name, kind in kinds.items()
        }
    with connection.cursor() as cursor:
        cursor.execute(DECLARED_SQLITE, {"table": table})
        declared = dict(cursor.fetchall())
    return {name: _unfit_declaration(declared.get(name) or "") for name in kinds}


def _unfit_declaration(declared: str) -> str | None:
    """Give a declared type if its affinity is text or real, as SQLite decides it."""
    text = declared.upper()
    if "INT" in text:
        return None
    unfit = ("CHAR", "CLOB", "TEXT", "REAL", "FLOA", "DOUB")
    return declared if any(word in text for word in unfit) else None


def holds_numbers(kind: str | None) -> bool:
    """Tell whether a column of this type can be audited."""
    return kind is None or kind in _INTEGERS or kind == _DECIMAL


def _model_field(column: str) -> tuple[Any, str]:
    model_name, _, field = column.rpartition(".")
    try:
        model = apps.get_model(model_name)
        model._meta.get_field(field)
    except (LookupError, ValueError, FieldDoesNotExist) as error:
        reason = "there is no such field. Write it as 'app.Model.field'."
        raise InvalidColumn("", column, reason) from error
    return model, field


def _parts_of(stored: Any) -> tuple[str, tuple[str, ...]]:
    """Give the field to read, and those that tell the part, as a NumberField has it."""
    if isinstance(stored, NumberField):
        if stored.part is not None:
            return stored.name, tuple(stored.part)
        if stored.text is not None:
            return stored.text, ()
    return stored.name, ()


def _column_of(meta: Any, order_by: str) -> str:
    try:
        column: str = meta.get_field(order_by).column
    except FieldDoesNotExist:
        return order_by
    return column


def _require(
    name: str, known: Iterable[str], table: str, column: str, lacking: str
) -> None:
    names = list(known)
    if name in names:
        return
    same = [each for each in names if each.casefold() == name.casefold()]
    nearest = f" Did you mean {same[0]!r}?" if same else did_you_mean(name, names)
    raise InvalidColumn(table, column, f"there is {lacking}.{nearest}")
