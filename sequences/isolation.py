"""At which level of isolation a project asks a database for transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


def level_of(connection: BaseDatabaseWrapper) -> str:
    """
    Give the level that the database's OPTIONS set, as SQL spells it, or nothing.

    The server itself is not asked: that would be one more statement for each number.
    """
    level: Any = connection.settings_dict.get("OPTIONS", {}).get("isolation_level")
    if level is None:
        return ""
    if connection.vendor == "postgresql":
        # Each driver has its numbers. One that it does not have, Django refuses.
        from django.db.backends.postgresql.psycopg_any import (  # noqa: PLC0415
            IsolationLevel,
        )

        level = next((each.name for each in IsolationLevel if each == level), level)
    return str(level).upper().replace("_", " ")


def is_serializable(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the project asks for transactions as if there were no others."""
    return level_of(connection) == "SERIALIZABLE"
