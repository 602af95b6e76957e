"""Groups: documents without a number, numbered together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connections

from sequences.counters import counter_for
from sequences.groups.base import Group, Round
from sequences.groups.mysql import MySQLGroup
from sequences.groups.postgresql import PostgreSQLGroup

if TYPE_CHECKING:
    from sequences.definitions import Sequence

__all__ = ["Group", "Round", "group_of"]

_BY_VENDOR: Final[dict[str, type[Group]]] = {
    "mysql": MySQLGroup,
    "postgresql": PostgreSQLGroup,
}


def group_of(sequence: Sequence) -> Group:
    """Give the group of a sequence, in the way its database does it best."""
    counter = counter_for(sequence)
    kind = _BY_VENDOR.get(connections[counter.using].vendor, Group)
    return kind(counter)
