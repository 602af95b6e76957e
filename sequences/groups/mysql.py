"""MariaDB and MySQL: an update of a join."""

from __future__ import annotations

from typing import Final

from sequences.groups.base import Group

NUMBER: Final = """
      UPDATE {documents}
  INNER JOIN (SELECT document_ AS document, %s + place_ * %s AS number
                FROM ({pending}) AS pending) AS numbers
          ON {documents}.{key} = numbers.document
         SET {documents}.{column} = numbers.number{beside}
"""

TEXT: Final = """
    CONCAT(%s, LPAD(numbers.number, GREATEST(%s, CHAR_LENGTH(numbers.number)), '0'), %s)
"""


class MySQLGroup(Group):
    """Pending rows in InnoDB."""

    text = TEXT

    def _number_from(self, before: int) -> int:
        """
        Lock the rows first: one that vanished while it waited would leave a gap.

        They are found without locks, since a locking search would stop at rows that
        are not committed yet; and locked by their keys, where there are no others.
        """
        documents = self.counter.sequence.documents()
        found = list(self.pending.values_list("pk", flat=True))
        locked = (
            documents.every(self.counter.using)
            .filter(pk__in=found)
            .select_for_update()
            .values_list("pk", documents.field)
        )
        still = [key for key, number in locked if number is None]
        if not still:
            return 0
        rows, parameters = self._placed(self.pending.filter(pk__in=still))
        beside, told = self._beside()
        statement = self._quoted(NUMBER, pending=rows, beside=beside)
        step = self.counter.sequence.increment
        return self._execute(statement, (before, step, *parameters, *told))
