"""Whether a database is asked for transactions as if there were no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


def is_serializable(connection: BaseDatabaseWrapper) -> bool:
    """
    Tell whether the project asks for SERIALIZABLE, in the database's OPTIONS.

    The server itself is not asked: that would be one more statement for each number.
    """
    asked: Any = connection.settings_dict["OPTIONS"].get("isolation_level")
    if asked is None:
        return False
    if connection.vendor == "postgresql":
        # As its driver counts them: the two that Django knows differ.
        from django.db.backends.postgresql.psycopg_any import (  # noqa: PLC0415
            IsolationLevel,
        )

        return bool(asked == IsolationLevel.SERIALIZABLE)
    return str(asked).lower() == "serializable"
