"""The free numbers of a pool: they explain what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connections

from sequences.counters.base import stored
from sequences.ledger.findings import Explanation, Gap
from sequences.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Generator

    from sequences.ledger.possible import PossibleNumbers

# In runs: a run ends where the next number is missing.
FREE: Final = """
      SELECT min(value), max(value)
        FROM (SELECT value, value - %(step)s * row_number() OVER (
                                ORDER BY value) AS run
                FROM {pooled_number}
               WHERE name = %(name)s) AS numbers
    GROUP BY run
    ORDER BY min(value)
"""


def free_in_pool(
    name: str, using: str, series: PossibleNumbers
) -> Generator[Gap, None, None]:
    """Stream the runs of free numbers in the pool of a sequence, in their order."""
    connection = connections[using]
    table = stored("PooledNumber")._meta.db_table
    statement = FREE.format(pooled_number=quoted(connection, table))
    with connection.cursor() as cursor:
        cursor.execute(statement, {"name": name, "step": series.step})
        for first, last in cursor:
            if series.has(int(first)):
                yield Gap(
                    first=int(first),
                    last=int(last),
                    count=series.count(int(first), int(last)),
                    explanation=Explanation.POOLED,
                )
