"""
Calendar and fiscal periods: which one a date is in, and how it is printed.

The counter's key and what is printed both come from one :class:`Period`, so they never
change on different days. Pure: no Django, no database, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen

from services.wording import got, short

UNITS: Final = ("year", "quarter", "month", "day")

CODES: Final[Mapping[str, str]] = {
    "Y": "the year, four digits",
    "y": "the year, two digits",
    "q": "the quarter, 1 to 4",
    "m": "the month, 01 to 12",
    "d": "the day, 01 to 31",
    "S": "the year in which the fiscal year starts, four digits",
    "s": "the same, two digits",
    "E": "the year in which the fiscal year ends, four digits",
    "e": "the same, two digits",
    "Q": "the quarter of the fiscal year, 1 to 4",
}
"""What a format may show of a period."""

WIDTHS: Final[Mapping[str, int]] = {
    "Y": 4, "S": 4, "E": 4, "y": 2, "s": 2, "e": 2, "m": 2, "d": 2, "q": 1, "Q": 1,
}  # fmt: skip

_KEY: Final = re.compile(
    r"([0-9]{4})(?:-Q([1-4])|-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII
)

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
# Two digits are years of this century, so that they can be read again.
CENTURY: Final = 2000


class PeriodError(ValueError):
    """
    A period makes no sense, or a date has none. The sentence says why.

    .. versionadded:: 0.1
    """


@frozen(kw_only=True)
class Period:
    """
    A stretch of days in which numbers are counted.

    :ivar unit: year, quarter, month or day.
    :ivar key: its stable name, as in ``2026``, ``2026-Q3``, ``2026-04``,
        ``2026-04-01``. A fiscal year is named after the year in which it starts.
    :ivar first: its first day.
    :ivar last: its last day.
    :ivar year_first: the first day of its fiscal year; likewise ``year_last``.
    :ivar quarter: the quarter of its fiscal year in which it begins.

    .. versionadded:: 0.1
    """

    unit: str
    key: str
    first: date
    last: date
    year_first: date
    year_last: date
    quarter: int

    def shown(self, code: str) -> str:
        """
        Print one of :data:`CODES`.

        :raises PeriodError: if two digits would not tell the year.
        """
        years = {"y": self.first, "s": self.year_first, "e": self.year_last}
        if code.lower() in years:
            return _year(years[code.lower()].year, code)
        parts = {
            "Q": str(self.quarter),
            "q": str((self.first.month + 2) // 3),
            "m": f"{self.first.month:02d}",
            "d": f"{self.first.day:02d}",
        }
        return parts[code]


def _year(year: int, code: str) -> str:
    if code.isupper():
        return f"{year:04d}"
    if not CENTURY <= year < CENTURY + 100:
        raise PeriodError(
            f"%{code} stands for a year from {CENTURY} to {CENTURY + 99}, not for "
            f"{year}. Use %{code.upper()}."
        )
    return f"{year % 100:02d}"


@frozen(kw_only=True)
class Calendar:
    """
    How a series divides time.

    :ivar unit: ``"year"``, ``"quarter"``, ``"month"`` or ``"day"``.
    :ivar fiscal_year_starts: month and day, as in ``"04-01"``. Quarters and months
        need the first of a month.
    :ivar timezone: the time zone whose midnight divides the days, for a moment that is
        given instead of a date; a name as ``"Europe/Paris"``.
    :raises PeriodError: if these make no sense.

    .. versionadded:: 0.1
    """

    unit: str
    fiscal_year_starts: str = "01-01"
    timezone: str | None = None
    _start: tuple[int, int] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if self.unit not in UNITS:
            raise PeriodError(
                f"period must be one of {', '.join(UNITS)}, got {short(self.unit)}."
            )
        start = _month_and_day(self.fiscal_year_starts)
        if start[1] != 1 and self.unit in ("quarter", "month"):
            raise PeriodError(
                f"a series by {self.unit} needs a fiscal_year_starts that is the first "
                f"of a month, got {self.fiscal_year_starts!r}."
            )
        object.__setattr__(self, "_start", start)
        if self.timezone is not None:
            _zone(self.timezone)

    @property
    def is_fiscal(self) -> bool:
        """Whether its years begin on another day than 1 January."""
        return self._start != (1, 1)

    def day_of(self, on: date | datetime) -> date:
        """
        Give the day of a document, by the clocks of the series' time zone.

        :param on: a date as it is, or a moment with a time zone.
        :raises PeriodError: for anything else, or a year beyond 1900 to 2999.
        """
        if isinstance(on, datetime):
            if on.utcoffset() is None:
                raise PeriodError(
                    "a moment without a time zone has no date. Pass the document's "
                    "date, or a moment with a time zone."
                )
            if self.timezone is None:
                raise PeriodError(
                    "it has no time zone that tells the date of a moment. Declare "
                    "timezone=, or pass the document's date."
                )
            day = _in_zone(on, _zone(self.timezone))
        elif isinstance(on, date):
            day = on
        else:
            raise PeriodError(f"the document's date must be a date, got {got(on)}.")
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise PeriodError(
                f"the year {day.year} is not between {FIRST_YEAR} and {LAST_YEAR}. "
                f"Look at the document's date."
            )
        return day

    def period_of(self, on: date | datetime) -> Period:
        """
        Give the period that a document belongs to.

        :raises PeriodError: see :meth:`day_of`.
        """
        return self._period(self.day_of(on))

    def period_called(self, key: str) -> Period:
        """
        Give the period of a key, as :attr:`Period.key` has it.

        :raises PeriodError: if no period is called so.
        """
        found = _KEY.fullmatch(key)
        period = None
        if found is not None:
            year, quarter, month, day = (int(part or 0) for part in found.groups())
            with suppress(ValueError):  # there is no such day
                period = self._period(
                    date(year, month, day or 1)
                    if month
                    else _months_later(date(year, *self._start), 3 * (quarter or 1) - 3)
                )
        if period is None or period.key != key:
            raise PeriodError(f"no {self.unit} of the series is called {short(key)}.")
        return period

    def _period(self, day: date) -> Period:
        month, first_day = self._start
        starts = day.year if (day.month, day.day) >= self._start else day.year - 1
        year_first = date(starts, month, first_day)
        year_last = date(starts + 1, month, first_day) - timedelta(days=1)
        since = (day.year - year_first.year) * 12 + day.month - month
        quarter = (since - (day.day < first_day)) // 3 + 1
        key, first, last = str(starts), year_first, year_last
        if self.unit == "year":
            quarter = 1
        elif self.unit == "quarter":
            key = f"{starts}-Q{quarter}"
            first = _months_later(year_first, 3 * quarter - 3)
            last = _months_later(year_first, 3 * quarter) - timedelta(days=1)
        elif self.unit == "month":
            key = f"{day.year}-{day.month:02d}"
            first = day.replace(day=1)
            last = _months_later(first, 1) - timedelta(days=1)
        elif self.unit == "day":
            key, first, last = day.isoformat(), day, day
        return Period(
            unit=self.unit,
            key=key,
            first=first,
            last=last,
            year_first=year_first,
            year_last=year_last,
            quarter=quarter,
        )

    def codes(self) -> str:
        """
        Give the codes that are the same on each day of a period.

        The others would change within a period, while the counter goes on.
        """
        always = "SsEe"
        if self.unit == "year":
            return always if self.is_fiscal else "Yy" + always
        if self.unit == "quarter":
            in_step = self._start[0] % 3 == 1
            return always + ("QYyq" if in_step else "Q")
        return always + "YymQq" + ("d" if self.unit == "day" else "")

    def is_shown_by(self, codes: set[str]) -> bool:
        """Tell whether two periods never look the same, if these codes are printed."""
        parts = {
            "year": (),
            "quarter": ("qQ",),
            "month": ("m",),
            "day": ("m", "d"),
        }[self.unit]
        return all(codes & set(part) for part in ("YySsEe", *parts))

    def read(self, shown: Mapping[str, str]) -> Period | None:
        """Give the period that is printed so, or None if there is none."""
        for day in self._candidates(shown):
            period = self._period(day)
            if all(_shows(period, code, text) for code, text in shown.items()):
                return period
        return None

    def _candidates(self, shown: Mapping[str, str]) -> Iterator[date]:
        """Give a day of each period that may be the printed one."""
        code = next((each for each in "YySsEe" if each in shown), None)
        if code is None:
            return
        near = int(shown[code]) + (0 if code.isupper() else CENTURY)
        month, first_day = self._start
        for year in (near - 1, near, near + 1):
            for month_of_day in range(1, 13):
                if "m" in shown and month_of_day != int(shown["m"]):
                    continue
                if self.unit == "year" and month_of_day != month:
                    continue
                day_of_month = int(shown["d"]) if "d" in shown else first_day
                try:
                    day = date(year, month_of_day, day_of_month)
                except ValueError:
                    continue
                if FIRST_YEAR - 1 <= year <= LAST_YEAR:
                    yield day


def _shows(period: Period, code: str, text: str) -> bool:
    try:
        return period.shown(code) == text
    except PeriodError:
        return False


def _month_and_day(text: Any) -> tuple[int, int]:
    found = None
    if isinstance(text, str):
        found = re.fullmatch(r"(\d\d)-(\d\d)", text, re.ASCII)
    try:
        # Not in a leap year, so that there is such a day in every year.
        day = date(2001, int(found[1]), int(found[2])) if found else None
    except ValueError:
        day = None
    if day is None:
        raise PeriodError(
            f"fiscal_year_starts must be a month and a day of every year, written as "
            f"'04-01', got {short(text)}."
        )
    return day.month, day.day


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise PeriodError(
            f"timezone must name a time zone that is known here, as 'Europe/Paris', "
            f"got {short(name)}."
        ) from error


def _in_zone(moment: datetime, zone: ZoneInfo) -> date:
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # at the very ends of time
        return moment.date()


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)
