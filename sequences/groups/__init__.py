"""Groups: documents without a number, numbered together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import connections

from sequences.groups.base import Group, Round
from sequences.groups.mysql import MySQLGroup
from sequences.groups.postgresql import PostgreSQLGroup

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sequences.counters import Counter

__all__ = ["Group", "Round", "group_of"]

_BY_VENDOR: Final[dict[str, type[Group]]] = {
    "mysql": MySQLGroup,
    "postgresql": PostgreSQLGroup,
}


def group_of(counter: Counter, given: QuerySet[Any], document: object) -> Group:
    """Give the group of a sequence, in the way its database does it best."""
    kind = _BY_VENDOR.get(connections[counter.using].vendor, Group)
    return kind(counter, given, document)
