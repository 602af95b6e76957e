"""Names of tables, columns and sequences in SQL, whatever they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


def identifier(connection: BaseDatabaseWrapper, name: str) -> str:
    """Quote any name; Django's own leaves the quotes that are in it."""
    mark = "`" if connection.vendor == "mysql" else '"'
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def quoted(connection: BaseDatabaseWrapper, name: str) -> str:
    """Quote any name, for a statement with parameters."""
    return identifier(connection, name).replace("%", "%%")


def composed(connection: BaseDatabaseWrapper, statement: str, parameters: Any) -> str:
    """Let PostgreSQL's driver quote the parameters into a statement."""
    operations: Any = connection.ops  # PostgreSQL's own
    whole: str = operations.compose_sql(statement, parameters)
    return whole
