"""Calendar and fiscal periods."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.periods import CODES, UNITS, Calendar, PeriodError


@pytest.mark.parametrize(
    ("calendar", "on", "key", "first", "last"),
    [
        (Calendar(unit="year"), "2026-12-31", "2026", "2026-01-01", "2026-12-31"),
        (Calendar(unit="quarter"), "2026-09-30", "2026-Q3", "2026-07-01", "2026-09-30"),
        (Calendar(unit="month"), "2028-02-29", "2028-02", "2028-02-01", "2028-02-29"),
        (Calendar(unit="day"), "2026-04-01", "2026-04-01", "2026-04-01", "2026-04-01"),
        (
            Calendar(unit="year", fiscal_year_starts="04-01"),
            "2026-03-31",
            "2025",
            "2025-04-01",
            "2026-03-31",
        ),
        (
            Calendar(unit="year", fiscal_year_starts="04-06"),
            "2026-04-06",
            "2026",
            "2026-04-06",
            "2027-04-05",
        ),
        (
            Calendar(unit="quarter", fiscal_year_starts="04-01"),
            "2026-03-31",
            "2025-Q4",
            "2026-01-01",
            "2026-03-31",
        ),
        (
            Calendar(unit="quarter", fiscal_year_starts="11-01"),
            "2027-01-31",
            "2026-Q1",
            "2026-11-01",
            "2027-01-31",
        ),
        (
            Calendar(unit="month", fiscal_year_starts="04-01"),
            "2026-03-01",
            "2026-03",
            "2026-03-01",
            "2026-03-31",
        ),
    ],
)
def test_the_period_of_a_date(
    calendar: Calendar, on: str, key: str, first: str, last: str
):
    """A date is in one period, which has a key, a first and a last day."""
    period = calendar.period_of(date.fromisoformat(on))
    assert (period.key, str(period.first), str(period.last)) == (key, first, last)


@pytest.mark.parametrize(
    ("zone", "moment", "key"),
    [
        ("Europe/Paris", datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC), "2026"),
        ("Europe/Paris", datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2027"),
        ("America/New_York", datetime(2027, 1, 1, 4, 59, tzinfo=UTC), "2026"),
        ("America/New_York", datetime(2027, 1, 1, 5, 0, tzinfo=UTC), "2027"),
        ("Pacific/Kiritimati", datetime(2026, 12, 31, 10, 0, tzinfo=UTC), "2027"),
    ],
)
def test_a_moment_belongs_to_the_day_of_the_time_zone(
    zone: str, moment: datetime, key: str
):
    """The year changes at midnight in the series' time zone, wherever the worker is."""
    assert Calendar(unit="year", timezone=zone).period_of(moment).key == key


@pytest.mark.parametrize(
    ("code", "shown"),
    [("S", "2026"), ("s", "26"), ("E", "2027"), ("e", "27"), ("Q", "4"), ("q", "1")],
)
def test_a_fiscal_year_is_named_by_its_start_or_its_end(code: str, shown: str):
    """India's fourth quarter of 2026-27 is the first of the calendar year 2027."""
    calendar = Calendar(unit="quarter", fiscal_year_starts="04-01")
    assert calendar.period_of(date(2027, 2, 1)).shown(code) == shown


days = st.dates(min_value=date(2001, 1, 1), max_value=date(2098, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Give any calendar without a time zone."""
    unit = draw(st.sampled_from(UNITS))
    day = 1 if unit in ("quarter", "month") else draw(st.integers(1, 28))
    month = draw(st.integers(1, 12))
    return Calendar(unit=unit, fiscal_year_starts=f"{month:02d}-{day:02d}")


@given(calendars(), days)
def test_periods_follow_each_other(calendar: Calendar, day: date):
    """Every day is in one period; the next day is in it, or the first of the next."""
    period = calendar.period_of(day)
    assert period.first <= day <= period.last
    assert calendar.period_of(period.first) == calendar.period_of(period.last) == period
    following = calendar.period_of(period.last + timedelta(days=1))
    assert following.first == period.last + timedelta(days=1)
    assert following.key != period.key


@given(calendars(), days, days)
def test_one_function_gives_the_key_and_what_is_printed(
    calendar: Calendar, day: date, other: date
):
    """What a code prints is the same all through a period, and tells it from others."""
    codes = calendar.codes()
    period, another = calendar.period_of(day), calendar.period_of(other)
    same = all(period.shown(code) == another.shown(code) for code in codes)
    assert same is (period.key == another.key)


@given(calendars(), days)
def test_a_period_is_found_by_its_key(calendar: Calendar, day: date):
    """Each has a key of its own."""
    period = calendar.period_of(day)
    assert calendar.period_called(period.key) == period


@pytest.mark.parametrize(
    "key", ["", "26", "2026-13", "2026-Q5", "2026-02-30", "2026-4", "٢٠٢٦", "2026\n"]
)
@given(calendar=calendars())
def test_what_is_no_key_is_refused(calendar: Calendar, key: str):
    """By every calendar."""
    with pytest.raises(PeriodError, match="of the series is called"):
        calendar.period_called(key)


@given(calendars(), days, st.data())
def test_a_printed_period_is_read_again(
    calendar: Calendar, day: date, data: st.DataObject
):
    """Codes that show the period read back to it."""
    codes = data.draw(st.sets(st.sampled_from(calendar.codes())))
    period = calendar.period_of(day)
    if calendar.is_shown_by(codes):
        shown = {code: period.shown(code) for code in codes}
        assert calendar.read(shown) == period


@given(calendars(), st.sampled_from("YSE"), st.integers(0, 9999), st.data())
def test_what_is_no_period_is_not_read(
    calendar: Calendar, code: str, year: int, data: st.DataObject
):
    """Any digits are a period that prints so, or none."""
    more = data.draw(st.dictionaries(st.sampled_from("mdqQ"), st.integers(0, 99)))
    shown = {code: f"{year:04d}"} | {
        each: f"{number:02d}" if each in "md" else str(number % 10)
        for each, number in more.items()
    }
    period = calendar.read(shown)
    if period is not None:
        assert {each: period.shown(each) for each in shown} == shown


def test_every_code_is_explained():
    """What can be printed has a name in the table of codes."""
    assert set(Calendar(unit="day").codes()) == set(CODES)


PARIS = Calendar(unit="year", timezone="Europe/Paris")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"unit": "week"},
            "period must be one of year, quarter, month, day, got 'week'.",
        ),
        (
            {"unit": "year", "fiscal_year_starts": "02-29"},
            (
                "fiscal_year_starts must be a month and a day of every year, written "
                "as '04-01', got '02-29'."
            ),
        ),
        (
            {"unit": "year", "fiscal_year_starts": 401},
            (
                "fiscal_year_starts must be a month and a day of every year, written "
                "as '04-01', got 401."
            ),
        ),
        (
            {"unit": "month", "fiscal_year_starts": "04-06"},
            (
                "a series by month needs a fiscal_year_starts that is the first of a "
                "month, got '04-06'."
            ),
        ),
        (
            {"unit": "year", "timezone": "../../etc/passwd"},
            (
                "timezone must name a time zone that is known here, as 'Europe/Paris', "
                "got '../../etc/passwd'."
            ),
        ),
        (
            {"unit": "year", "timezone": 1},
            (
                "timezone must name a time zone that is known here, as 'Europe/Paris', "
                "got 1."
            ),
        ),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(
    options: dict[str, Any], sentence: str
):
    """The refusal says what there may be."""
    with pytest.raises(PeriodError) as refusal:
        Calendar(**options)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("calendar", "on", "sentence"),
    [
        (
            PARIS,
            datetime(2026, 1, 1),  # noqa: DTZ001
            (
                "a moment without a time zone has no date. Pass the document's date, "
                "or a moment with a time zone."
            ),
        ),
        (
            Calendar(unit="year"),
            datetime(2026, 1, 1, tzinfo=UTC),
            (
                "it has no time zone that tells the date of a moment. Declare "
                "timezone=, or pass the document's date."
            ),
        ),
        (PARIS, "2026", "the document's date must be a date, got str '2026'."),
        (
            PARIS,
            date(26, 4, 1),
            ("the year 26 is not between 1900 and 2999. Look at the document's date."),
        ),
        (
            PARIS,
            datetime.max.replace(tzinfo=UTC),
            (
                "the year 9999 is not between 1900 and 2999. Look at the document's "
                "date."
            ),
        ),
    ],
)
def test_what_has_no_period_is_refused(calendar: Calendar, on: Any, sentence: str):
    """A date that cannot be told, or cannot be meant, belongs to no period."""
    with pytest.raises(PeriodError) as refusal:
        calendar.period_of(on)
    assert str(refusal.value) == sentence


def test_two_digits_stand_for_a_year_of_this_century():
    """A year that two digits would not tell is not printed so."""
    sentence = "%y stands for a year from 2000 to 2099, not for 1999. Use %Y."
    with pytest.raises(PeriodError, match=re.escape(sentence)):
        Calendar(unit="year").period_of(date(1999, 1, 1)).shown("y")
