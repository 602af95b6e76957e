"""A table as old systems have them: Django knows nothing of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import connection

from sequences.ledger.columns import quoted

BEGAN = date(2009, 1, 1)


def day(number: int) -> date:
    """Give the date on which an invoice was written: four of them a day."""
    return BEGAN + timedelta(days=min(number // 4, 9_999))


@contextmanager
def table(
    name: str = "invoices", column: str = "number", kind: str = "integer"
) -> Iterator["Legacy"]:
    """Give an empty table of numbers and dates; it is gone afterwards."""
    legacy = Legacy(name, column)
    legacy.run(f"CREATE TABLE {{table}} ({{column}} {kind}, dated date)")
    try:
        yield legacy
    finally:
        legacy.run("DROP TABLE {table}")


class Legacy:
    """A table of numbers, in plain SQL."""

    def __init__(self, name: str, column: str) -> None:
        self.name = name
        self.column = column

    def write(self, *numbers: int | None, on: date | None = None) -> None:
        """Write documents with these numbers, on one day, or each on its own."""
        rows = [(number, str(on or day(number or 0))) for number in numbers]
        statement = self.quoted("INSERT INTO {table} VALUES (%s, %s)")
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)

    def delete(self, numbers: Iterable[int]) -> None:
        """Delete documents."""
        statement = self.quoted("DELETE FROM {table} WHERE {column} = %s")
        with connection.cursor() as cursor:
            cursor.executemany(statement, [(number,) for number in numbers])

    def run(self, statement: str) -> None:
        """Run a statement without parameters."""
        with connection.cursor() as cursor:
            cursor.execute(self.quoted(statement).replace("%%", "%"))

    def quoted(self, statement: str) -> str:
        """Put the names into a statement."""
        return statement.format(
            table=quoted(connection, self.name), column=quoted(connection, self.column)
        )
