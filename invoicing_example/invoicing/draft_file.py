"""
A CSV file of drafts, read row by row; the database is not asked here.

Each row is one line of a document. The rows of one document stand together and agree
in everything but the line. What is wrong is collected, so that all can be told at once.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from io import TextIOBase
from itertools import groupby
from typing import Final

from attrs import frozen
from django.core.exceptions import ValidationError

from invoicing.models import LONGEST_EMAIL, check_email
from services import InputError, Inputs, attribute

COLUMNS: Final = (
    "document",
    "date",
    "customer",
    "email",
    "address",
    "city",
    "postal_code",
    "country",
    "description",
    "quantity",
    "unit_price",
)

LONGEST_LINE: Final = 10_000
"""In characters; no line of the file is read beyond it."""

MOST_PROBLEMS: Final = 100
"""So many are kept to be told; the others are counted."""


def _text(longest: int, *, shortest: int = 1) -> dict[str, Callable[[str], bool]]:
    sentence = f"must have {shortest} to {longest} characters"
    return {sentence: lambda text: shortest <= len(text) <= longest}


def _number(digits: int, places: int) -> dict[str, Callable[[Decimal], bool]]:
    return {
        f"must have at most {places} decimal places": lambda number: (
            number == round(number, places)
        ),
        f"must have at most {digits - places} digits before the point": lambda number: (
            abs(number) < 10 ** (digits - places)
        ),
    }


def _is_reference(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,49}", text))


def _is_email(text: str) -> bool:
    try:
        check_email(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST_EMAIL


class DraftRow(Inputs):
    """One row: text that became values. Limits are those of the models."""

    document: str = attribute(
        must={"must be 1 to 50 letters, digits, or any of '._/-'": _is_reference}
    )
    drafted_on: date = attribute(alias="date")
    customer: str = attribute(must=_text(200))
    email: str = attribute(must={"must be an email address": _is_email})
    address: str = attribute(must=_text(200))
    city: str = attribute(must=_text(100))
    postal_code: str = attribute(must=_text(20, shortest=0))
    country: str = attribute(must=_text(100))
    description: str = attribute(must=_text(200))
    quantity: Decimal = attribute(
        must={"must be more than 0": lambda number: number > 0, **_number(8, 3)}
    )
    unit_price: Decimal = attribute(must=_number(8, 2))

    @property
    def buyer(self) -> dict[str, str]:
        """Give what the row says about the customer, by the names of the model."""
        return {
            "email": self.email.lower(),
            "name": self.customer,
            "address": self.address,
            "city": self.city,
            "postal_code": self.postal_code,
            "country": self.country,
        }

    @property
    def of_document(self) -> dict[str, object]:
        """Give what all rows of a document say, by the names of the columns."""
        columns = ["date", "email", "customer", "address", "city", "postal_code"]
        values = [self.drafted_on, *self.buyer.values()]
        return dict(zip([*columns, "country"], values, strict=True))


@frozen(kw_only=True)
class RowProblem:
    """What is wrong with one row of the file; line 1 is the header."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@frozen(kw_only=True)
class Document:
    """The rows of one document, all of them good. There is at least one."""

    line: int
    rows: list[DraftRow]

    @property
    def head(self) -> DraftRow:
        """Give the row that speaks for the document."""
        return self.rows[0]


@frozen(kw_only=True)
class _Row:
    """A row on its line; without values if something is wrong with it."""

    line: int
    document: str
    values: DraftRow | None


class LineTooLong(Exception):
    """A line of the file is longer than anything that is meant to be one."""


class DraftFile:
    """
    A file while it is read, once, from its beginning to its end.

    :param file: text, opened with `newline=""`.
    :param most_rows: what is longer is refused.
    """

    def __init__(self, file: TextIOBase, *, most_rows: int) -> None:
        self.problems: list[RowProblem] = []
        self.problem_count = 0
        self._file = file
        self._reader = csv.reader(self._bounded_lines(), strict=True)
        self._most_rows = most_rows
        self._line_of: dict[str, int] = {}

    def complain(self, line: int, message: str) -> None:
        """Keep a problem, or at least count it."""
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(RowProblem(line=line, message=message))

    def read_header(self) -> None:
        """Read the first line, and complain unless it names all columns, in order."""
        header = next(self._records(), (1, []))[1]
        if tuple(header) != COLUMNS and not self.problem_count:
            self.complain(1, f"must be the header {','.join(COLUMNS)}")

    def documents(self) -> Iterator[Document]:
        """Give the documents without any problem; complain about the others."""
        for name, group in groupby(self._rows(), key=lambda row: row.document):
            rows = list(group)
            begins_well = self._begins_well(rows[0].line, name)
            good = [(row.line, row.values) for row in rows if row.values is not None]
            if self._agree(good) and begins_well and len(good) == len(rows):
                values = [values for _, values in good]
                yield Document(line=rows[0].line, rows=values)

    def _begins_well(self, line: int, document: str) -> bool:
        # Some databases take 'a-1' and 'A-1' for the same.
        before = self._line_of.setdefault(document.casefold(), line)
        if before != line:
            self.complain(
                line,
                f"document {document[:50]!r} began on line {before} and ended before "
                f"this one. Keep its rows together",
            )
        return before == line

    def _agree(self, rows: list[tuple[int, DraftRow]]) -> bool:
        """Compare the rows of one document with the first of them."""
        agree = True
        for line, row in rows[1:]:
            first_line, first = rows[0]
            differing = [
                name
                for name, value in first.of_document.items()
                if row.of_document[name] != value
            ]
            if differing:
                agree = False
                self.complain(
                    line,
                    f"{' and '.join(differing)} must be the same as on line "
                    f"{first_line}, for they are of one document",
                )
        return agree

    def _rows(self) -> Iterator[_Row]:
        for count, (line, record) in enumerate(self._records(), start=1):
            if count > self._most_rows:
                self.complain(line, f"is beyond the {self._most_rows} rows allowed")
                return
            yield _Row(
                line=line,
                document=record[0].strip(),
                values=self._structured(line, record),
            )

    def _structured(self, line: int, record: list[str]) -> DraftRow | None:
        if len(record) != len(COLUMNS):
            has = f"has {len(record)} values, must have {len(COLUMNS)}"
            self.complain(line, has)
            return None
        values = (value.strip() for value in record)
        try:
            return DraftRow.structure(dict(zip(COLUMNS, values, strict=True)))
        except InputError as error:
            for problem in error.problems:
                self.complain(line, str(problem))
            return None

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Give each record with the line on which it begins, empty ones left out."""
        try:
            line = self._reader.line_num + 1
            for record in self._reader:
                if record:
                    yield line, record
                line = self._reader.line_num + 1
        except csv.Error as error:
            self.complain(line, f"is not CSV: {error}. What follows was not read")
        except UnicodeDecodeError:
            self.complain(line, "is not UTF-8. What follows was not read")
        except LineTooLong:
            self.complain(
                self._reader.line_num + 1,
                f"has more than {LONGEST_LINE} characters. What follows was not read",
            )

    def _bounded_lines(self) -> Iterable[str]:
        while line := self._file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise LineTooLong
            yield line
