"""Sequence: what a series of numbers is called, how it counts, where it lives."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Self

from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import Promise

from sequences.arithmetic import CLOSED, HIGHEST, Progression, RanOut, Values
from sequences.declarations import problem_with
from sequences.documents import Documents
from sequences.errors import InvalidSequence, SequenceClosed, SequenceExhausted
from sequences.guarantees import Guarantee
from sequences.names import problem_with_name
from sequences.printing import Printing
from sequences.registry import register, sequences_with_documents
from sequences.series import Series
from services.wording import short, short_form

if TYPE_CHECKING:
    from collections.abc import Iterator


class Sequence(Series):
    """
    A series of numbers.

    Creating one touches no database: its counter begins to exist with the first
    number. Two with the same name on the same database share the counter.

    :param sequence_name: at most 100 characters, none of them invisible.
    :param initial_value: the first number, 0 or more.
    :param reset_value: in front of this number it starts again at ``initial_value``;
        greater than that, or less if it counts down. None: it does not loop.
    :param increment: from one number to the next, 1 or more; less than 0, and it counts
        down.
    :param max_value: the last number it may give out; at most 2**63 - 1, and not
        together with ``reset_value``.
    :param min_value: likewise the last number where it counts down. None: 0.
    :param guarantee: what it promises; see :class:`sequences.Guarantee`. A weaker
        promise is a faster one.
    :param block_size: how many numbers a process, or a pool, takes at a time, where the
        guarantee takes blocks; 1 to 1,000,000.
    :param column: where its numbers are stored, as ``"app.Model.field"``; system checks
        and audits look there, if Django imports the module of the declaration.
    :param using: the alias of the database that holds the counter. None: where the
        project's routers write ``sequences.Sequence``.
    :param format: how a number is printed, as ``"INV-{period:%Y}-{value:05d}"``; see
        :class:`sequences.Format`. It ends the series where it can print no higher one.
    :param period: ``"year"``, ``"quarter"``, ``"month"`` or ``"day"``: it counts each
        from the start. None: it counts through all.
    :param fiscal_year_starts: month and day, as ``"04-01"``; with ``period``.
    :param timezone: the time zone whose midnight divides the days, as
        ``"Europe/Paris"``; with ``period``, for moments instead of dates.
    :param scope: by what else it counts apart, as ``("branch",)``.
    :param overflow: ``"refuse"`` numbers that are wider than the format says, or
        ``"widen"`` what is printed.
    :param max_length: no printed number may be longer.
    :param charset: the characters that a printed number may have. None: any.
    :param ledger: whether each number is written into the ledger, with its key, who
        asked, and its document as soon as that is told; SERIAL only, and without a
        loop. Of one counter, all declarations should say the same.
    :raises InvalidSequence: if these make no sense together.
    :raises StdnumMissing: if the format has a check digit that needs python-stdnum, and
        that is not installed.

    .. versionadded:: 0.1
    """

    sequence_name: str
    initial_value: int
    reset_value: int | None
    increment: int
    max_value: int | None
    min_value: int | None
    guarantee: Guarantee
    block_size: int
    column: str | None
    using: str | None
    ledger: bool
    progression: Progression
    """How it counts, as pure arithmetic."""

    def __init__(
        self,
        sequence_name: str = "default",
        initial_value: int = 1,
        reset_value: int | None = None,
        *,
        increment: int = 1,
        max_value: int | None = None,
        min_value: int | None = None,
        guarantee: Guarantee = Guarantee.SERIAL,
        block_size: int = 1_000,
        column: str | None = None,
        using: str | None = None,
        format: str | None = None,  # noqa: A002 - the word for it
        period: str | None = None,
        fiscal_year_starts: str = "01-01",
        timezone: str | None = None,
        scope: tuple[str, ...] = (),
        overflow: str = "refuse",
        max_length: int | None = None,
        charset: str | None = None,
        ledger: bool = False,
    ) -> None:
        is_lazy = isinstance(sequence_name, Promise)  # a text to be translated
        self.sequence_name = str(sequence_name) if is_lazy else sequence_name
        self.initial_value = initial_value
        self.reset_value = reset_value
        self.increment = increment
        self.max_value = max_value
        self.min_value = min_value
        self.guarantee = guarantee
        self.block_size = block_size
        self.column = column
        self.using = using
        self.ledger = ledger
        reason = problem_with_name(self.sequence_name) or problem_with(self)
        if reason is not None:
            raise InvalidSequence(sequence_name, reason)
        try:
            self.printing = Printing.declared(
                format=format,
                period=period,
                fiscal_year_starts=fiscal_year_starts,
                timezone=timezone,
                scope=scope,
                overflow=overflow,
                max_length=max_length,
                charset=charset,
            )
        except ValueError as error:
            raise InvalidSequence(sequence_name, str(error)) from error
        limit = self._last_value()
        self.place = None
        if self.printing is not None:
            others = sequences_with_documents()
            limit = self.printable(self.printing, limit, others)
            self.place = self.printing.only_place
        self.progression = Progression(
            initial=initial_value,
            increment=increment,
            limit=limit,
            reset=reset_value,
        )
        register(self)

    if not TYPE_CHECKING:  # else any name could be set, as far as they know

        def __setattr__(self, name: str, value: object) -> None:
            """Refuse to change what was declared: other things were made of it."""
            if name in _DECLARED and name in self.__dict__:
                msg = (
                    f"Sequence {self.sequence_name!r}: {name} is declared, and cannot "
                    f"be set to {short(value)}. Declare a new Sequence."
                )
                raise AttributeError(msg)
            super().__setattr__(name, value)

    def _last_value(self) -> int:
        """Give the last number that is declared, or that a counter can hold."""
        if self.increment < 0:
            return self.min_value or 0
        # No number of a ledger is the one at which its counter counts as closed.
        highest = HIGHEST - self.ledger
        return highest if self.max_value is None else min(self.max_value, highest)

    def documents(self) -> Documents:
        """
        Tell where its numbers are stored; possible when Django is ready.

        :raises InvalidSequence: if it does not say so, or if there is no such column.
        """
        if self.column is None:
            raise InvalidSequence(
                self.sequence_name,
                "it does not say where its numbers are stored. "
                "Declare column='app.Model.field'.",
            )
        try:
            return Documents.at(self.column)
        except (LookupError, FieldDoesNotExist) as error:
            raise InvalidSequence(self.sequence_name, f"{error}.") from error

    def counter_on(self, using: str) -> Self:
        """Give the counter of this name on a database, for reading; nobody finds it."""
        counter = copy(self)
        counter.__dict__["using"] = using
        return counter

    def require(self, guarantee: Guarantee) -> None:
        """
        Refuse to be allocated by a service of another guarantee.

        :raises InvalidSequence: if the sequence promises something else.
        """
        if self.guarantee is not guarantee:
            own = self.guarantee
            raise InvalidSequence(
                self.sequence_name,
                f"it is declared as {own.name}, not as {guarantee.name}: its numbers "
                f"come from {own.promise.service}.",
            )

    def require_ledger(self) -> None:
        """
        Refuse what needs a ledger to a sequence that has none.

        :raises InvalidSequence: if it has none.
        """
        if not self.ledger:
            raise InvalidSequence(
                self.sequence_name, "it has no ledger. Declare it with ledger=True."
            )

    def after(self, last: int | None) -> int:
        """
        Give the number after another, or the first one again where the series loops.

        :raises SequenceExhausted: if there is none.
        :raises SequenceClosed: if it is closed.
        """
        return self.values_after(last, 1)[0]

    def values_after(self, last: int | None, count: int) -> Values:
        """
        Give the ``count`` numbers after another.

        :raises SequenceExhausted: if there are fewer.
        :raises SequenceClosed: if it is closed.
        """
        try:
            return self.progression.values_after(last, count)
        except RanOut as error:
            if self.ledger and last == CLOSED:
                raise SequenceClosed(self.sequence_name) from None
            raise self.exhausted(last, count, error.left) from None

    def block_after(self, last: int | None) -> range:
        """
        Give the block after another number: as small as what is left before the end.

        :raises SequenceExhausted: if there is nothing left.
        """
        first = self.after(last)
        count = min(self.block_size, self.progression.count_from(first))
        return range(first, first + count * self.increment, self.increment)

    def exhausted(self, last: int | None, count: int, left: int) -> SequenceExhausted:
        """Make the error that says how many numbers are left."""
        return SequenceExhausted(
            self.sequence_name,
            asked=count,
            left=left,
            last=last,
            limit=self.progression.end,
        )

    def get_next_value(self, *, nowait: bool = False) -> int:
        """
        Take the next number of a SERIAL one; see :func:`sequences.get_next_value`.

        :raises InvalidSequence: if it is not SERIAL; nothing was taken.
        :raises DocumentsAhead: if a document has a higher number than the counter, see
            :class:`AllocateNumber`; the counter did not move.

        .. versionadded:: 0.1
        """
        from sequences.functions import next_value  # noqa: PLC0415 - it imports us

        return next_value(self, nowait=nowait)

    def get_next_values(self, batch_size: int, *, nowait: bool = False) -> Values:
        """
        Take the next numbers of a SERIAL one; see :func:`sequences.get_next_values`.

        A batch that passes the end of a loop is a tuple, any other a range.

        :raises InvalidSequence: if it is not SERIAL; nothing was taken.
        :raises DocumentsAhead: as :meth:`get_next_value`.

        .. versionadded:: 0.1
        """
        from sequences.functions import next_values  # noqa: PLC0415 - it imports us

        return next_values(self, batch_size, nowait=nowait)

    def get_last_value(self) -> int | None:
        """
        Read the number given out last; see :func:`sequences.get_last_value`.

        Of a sequence of BLOCKS it is the last one that is set aside.

        :raises InvalidSequence: if it is POOLED or NATIVE: no counter tells.

        .. versionadded:: 0.1
        """
        self.require_counter()
        if self.guarantee in (Guarantee.POOLED, Guarantee.NATIVE):
            raise InvalidSequence(
                self.sequence_name,
                f"it is declared as {self.guarantee.name}: no counter tells which of "
                f"its numbers was given out last. AuditNumbers reads its documents.",
            )
        from sequences.functions import get_last_value  # noqa: PLC0415 - it imports us

        return get_last_value(self.sequence_name, using=self.using)

    def delete(self) -> bool:
        """
        Delete the counter; see :func:`sequences.delete`.

        .. versionadded:: 0.1
        """
        self.require_counter()
        from sequences.functions import delete  # noqa: PLC0415 - it imports us

        return delete(self.sequence_name, using=self.using)

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        return self.get_next_value()

    def __repr__(self) -> str:
        return f"<Sequence {self.sequence_name!r}>"


_DECLARED: Final = frozenset(Sequence.__annotations__) | {"printing"}
"""What is told once, when a Sequence is made."""

short_form.register(Sequence, repr)  # not by its elements: it is an iterator


def declared(sequence: Sequence | str) -> Sequence:
    """Give a sequence as it is, or the plain one of a name."""
    return plain(sequence) if isinstance(sequence, str) else sequence


def plain(
    name: str,
    initial_value: int = 1,
    reset_value: int | None = None,
    using: str | None = None,
) -> Sequence:
    """
    Give a sequence without a declaration.

    It is kept: to check what it is called costs as much as a small service.
    """
    try:
        return _plain(name, initial_value, reset_value, using)
    except TypeError:  # what cannot be looked up is no name or number: it says so
        return Sequence(name, initial_value, reset_value, using=using)


@lru_cache(maxsize=1024, typed=True)  # True is no 1
def _plain(
    name: str, initial_value: int, reset_value: int | None, using: str | None
) -> Sequence:
    return Sequence(name, initial_value, reset_value, using=using)
