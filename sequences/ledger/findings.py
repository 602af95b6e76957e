"""What an audit finds, as frozen facts. Pure: no Django, no database."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Generic, TypeVar

from attrs import field, frozen

F_co = TypeVar("F_co", covariant=True)


class Explanation(Enum):
    """
    Why a number that is on no document may be missing; the value says it.

    .. versionadded:: 0.1
    """

    POOLED = "free, in the pool"
    UNSETTLED = "drawn, and not settled yet: open or rolled back"
    RESERVED = "may be reserved in a block"
    OPEN = "may be still open in a transaction"
    VOID = "void"


@frozen(kw_only=True)
class Given:
    """
    What the ledger says of numbers that were given out.

    :ivar first: the first of them.
    :ivar last: the last of them.
    :ivar key: the key of the call; None if it had none.
    :ivar document: what was to bear them, as ``"app.Model:key"``, be it told at once or
        later; empty if not told.
    :ivar user: who asked; empty if not told.
    :ivar at: when.
    """

    first: int
    last: int
    key: str | None
    document: str
    user: str
    at: datetime


@frozen(kw_only=True)
class Gap:
    """
    Numbers that are on no document.

    :ivar first: the first of them.
    :ivar last: the last of them.
    :ivar count: how many they are.
    :ivar explanation: why; None if there is none.
    :ivar part: in which part of the series; None if it has one only.
    :ivar reason: of void numbers, the reason.
    :ivar given: of those without an explanation, to whom the ledger says that they were
        given out; the first ten entries.
    """

    first: int
    last: int
    count: int
    explanation: Explanation | None = None
    part: str | None = None
    reason: str = ""
    given: tuple[Given, ...] = ()


@frozen(kw_only=True)
class Double:
    """
    A number that is on several documents.

    :ivar number: the number.
    :ivar count: on how many.
    :ivar part: in which part of the series; None if it has one only.
    """

    number: int
    count: int
    part: str | None = None


@frozen(kw_only=True)
class Disorder:
    """
    A document that is dated before one with a lower number.

    :ivar number: its number.
    :ivar at: its date, or by what else documents are ordered.
    :ivar after: the latest date on a lower number.
    :ivar part: in which part of the series; None if it has one only.
    """

    number: int
    at: str
    after: str
    part: str | None = None


@frozen(kw_only=True)
class Outside:
    """
    A number that the series cannot have.

    :ivar number: what stands in the column.
    """

    number: str


@frozen(kw_only=True)
class Findings(Generic[F_co]):
    """
    Findings of one kind: the first of them, and how many there are.

    :ivar count: how many there are.
    :ivar listed: the first of them, in order.
    """

    count: int = 0
    listed: tuple[F_co, ...] = ()

    @property
    def rest(self) -> int:
        """How many are not listed."""
        return self.count - len(self.listed)


@frozen(kw_only=True)
class Part:
    """
    An equal part of the numbers, for a picture of them.

    :ivar first: its first number.
    :ivar last: its last number.
    :ivar count: how many it has.
    :ivar missing: how many of its numbers are missing without an explanation.
    :ivar explained: how many are missing with one.
    """

    first: int
    last: int
    count: int
    missing: int = 0
    explained: int = 0


@frozen(kw_only=True)
class Counted:
    """
    What one part of a series looks like.

    :ivar part: the part, as its period and the values of its scope: ``2026/K1``.
    :ivar numbered: how many documents have one of its numbers.
    :ivar first: the first number that is expected.
    :ivar lowest: the lowest number on a document; None if it is on none.
    :ivar highest: the highest, likewise.
    :ivar given_out: the number that was given out last, as its counter has it; None
        without one.
    :ivar behind: by how many numbers the counter is behind the documents.
    :ivar missing: how many numbers are missing without an explanation.
    :ivar excused: how many are missing with one.
    :ivar parts: the numbers in equal parts, for a picture.
    """

    part: str
    numbered: int
    first: int
    lowest: int | None
    highest: int | None
    given_out: int | None
    behind: int
    missing: int
    excused: int
    parts: tuple[Part, ...] = field(repr=False)


@frozen(kw_only=True)
class Audit:
    """
    What the numbers in a column, and the counter behind them, look like.

    :ivar sequence: the name of the sequence; None for a bare column.
    :ivar using: the alias of the database.
    :ivar table: the table of the documents.
    :ivar column: the column of their numbers.
    :ivar order_by: the column of their dates, if order was looked at.
    :ivar taken_at: when the database was read, in UTC.
    :ivar documents: how many documents there are.
    :ivar numbered: how many of them have a number.
    :ivar first: the first number that is expected; None if there is none.
    :ivar lowest: the lowest number on a document.
    :ivar highest: the highest number on a document.
    :ivar given_out: the number that was given out last, as the counter has it; None
        without a sequence, or before its first number.
    :ivar behind: by how many numbers the counter is behind the documents.
    :ivar writers: how many transactions were writing to the table or held the counter;
        None where the database does not tell.
    :ivar missing: how many numbers are missing without an explanation.
    :ivar excused: how many are missing with one.
    :ivar gaps: the ranges of those without.
    :ivar explained: the ranges of those with one.
    :ivar doubles: numbers that are on several documents.
    :ivar disorder: documents dated before one with a lower number.
    :ivar outside: numbers that the series cannot have.
    :ivar parts: the numbers in equal parts, for a picture.
    :ivar by_part: the parts of a series that counts by period or scope. Then ``first``,
        ``lowest``, ``highest`` and ``given_out`` are told of each, and None here.

    .. versionadded:: 0.1
    """

    sequence: str | None
    using: str
    table: str
    column: str
    order_by: str | None
    taken_at: datetime
    documents: int
    numbered: int
    first: int | None
    lowest: int | None
    highest: int | None
    given_out: int | None
    behind: int
    writers: int | None
    missing: int
    excused: int
    gaps: Findings[Gap]
    explained: Findings[Gap]
    doubles: Findings[Double]
    disorder: Findings[Disorder]
    outside: Findings[Outside]
    parts: tuple[Part, ...] = field(repr=False)
    by_part: Findings[Counted] = Findings()

    @property
    def unexplained(self) -> int:
        """How many findings there are that nothing explains; a range counts once."""
        kinds = (self.gaps, self.doubles, self.disorder, self.outside)
        return sum(kind.count for kind in kinds) + bool(self.behind)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found that nothing explains."""
        return not self.unexplained
