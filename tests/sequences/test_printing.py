"""Series that are printed, and counted apart by period and scope."""

import copy
import pickle
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from sequences import (
    AllocateNumber,
    Guarantee,
    InvalidSequence,
    Sequence,
    SequenceExhausted,
    get_last_value,
)
from sequences.models import Sequence as Counter
from sequences.testing import OtherSession
from tests.sequences.marks import autocommit, with_row_locks

YEARLY = Sequence(
    "invoices",
    format="INV-{period:%Y}-{value:05d}",
    period="year",
    timezone="Europe/Paris",
)
FISCAL = Sequence(
    "gst",
    format="{period:%s-%e}/{value:04d}",
    period="year",
    fiscal_year_starts="04-01",
)
BRANCHES = Sequence(
    "bills",
    format="{scope.branch}-{period:%Y%m}-{value:03d}",
    period="month",
    scope=("branch",),
)


def take(sequence: Sequence, **place: Any) -> str:
    """Take a number; give what is printed."""
    return AllocateNumber.run(sequence=sequence, **place).text


@autocommit
class TestAllocateNumber:
    """Numbers of a series that counts by period or scope."""

    @transaction.atomic
    def test_the_year_changes_at_midnight_in_the_time_zone_of_the_series(self):
        """A second before midnight in Paris it is the old year; at midnight the new."""
        before = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
        after = datetime(2026, 12, 31, 23, 0, 0, tzinfo=UTC)
        texts = [take(YEARLY, on=on) for on in (before, before, after, before, after)]
        assert texts == [
            "INV-2026-00001",
            "INV-2026-00002",
            "INV-2027-00001",
            "INV-2026-00003",
            "INV-2027-00002",
        ]

    @transaction.atomic
    def test_a_back_dated_document_is_numbered_in_its_own_year(self):
        """The document's date decides, not the day on which it is numbered."""
        assert take(YEARLY, on=date(2027, 1, 2)) == "INV-2027-00001"
        assert take(YEARLY, on=date(2026, 12, 30)) == "INV-2026-00001"
        assert take(YEARLY, on=date(2027, 1, 3)) == "INV-2027-00002"

    @transaction.atomic
    def test_a_fiscal_year_counts_and_prints_from_its_own_first_day(self):
        """Both start again on 1 April, and not on 1 January."""
        days = [date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 31)]
        days += [date(2027, 4, 1), date(2027, 4, 2)]
        assert [take(FISCAL, on=day) for day in days] == [
            "26-27/0001",
            "26-27/0002",
            "26-27/0003",
            "27-28/0001",
            "27-28/0002",
        ]

    @transaction.atomic
    def test_each_branch_and_month_counts_apart(self):
        """A scope has a counter for each of its values, in each period."""
        march, april = date(2026, 3, 31), date(2026, 4, 1)
        places = [("K1", march), ("K2", march), ("K1", april), ("K1", march)]
        texts = [take(BRANCHES, on=on, scope={"branch": who}) for who, on in places]
        assert texts == [
            "K1-202603-001",
            "K2-202603-001",
            "K1-202604-001",
            "K1-202603-002",
        ]

    @transaction.atomic
    def test_a_rollback_gives_the_number_back_to_its_period(self):
        """What holds for a plain sequence holds for each part of a series."""
        with transaction.atomic():
            take(YEARLY, on=date(2026, 1, 1))
            transaction.set_rollback(True)
        assert take(YEARLY, on=date(2026, 1, 1)) == "INV-2026-00001"

    @pytest.mark.parametrize("nowait", [False, True])
    @transaction.atomic
    def test_it_ends_where_the_format_does(self, nowait: bool):  # noqa: FBT001
        """A number too wide to be printed is never taken; other periods go on."""
        narrow = Sequence("narrow", format="{period:%y}{value:01d}", period="year")
        first, second = date(2026, 1, 1), date(2027, 1, 1)
        for _ in range(9):
            take(narrow, on=first, nowait=nowait)
        with pytest.raises(SequenceExhausted):
            take(narrow, on=first, nowait=nowait)
        assert narrow.of(on=first).get_last_value() == 9
        assert take(narrow, on=second, nowait=nowait) == "271"

    @transaction.atomic
    def test_a_plain_number_is_printed_as_it_is(self):
        """Without a format the text is the number; a date changes nothing."""
        assert take(Sequence("plain"), on=date(2026, 1, 1)) == "1"
        assert AllocateNumber.run(sequence="plain").text == "2"
        assert get_last_value("plain") == 2

    @with_row_locks
    def test_periods_do_not_wait_for_each_other(self, other: OtherSession):
        """Who numbers the last documents of a year holds nobody up in the next."""
        old, new = date(2026, 12, 31), date(2027, 1, 1)
        with transaction.atomic():
            take(YEARLY, on=old)
            other.begin()
            assert other.run(take, YEARLY, on=new) == "INV-2027-00001"
            other.commit()

    def test_callers_of_one_period_wait(self, other: OtherSession):
        """Two documents of one year get two numbers, whoever is first."""
        day = date(2026, 5, 1)
        with transaction.atomic():
            first = take(YEARLY, on=day)
            theirs = other.start(_take_in_transaction, day)
            other.wait_until_blocked()
        assert (first, theirs.result()) == ("INV-2026-00001", "INV-2026-00002")

    @pytest.mark.parametrize(
        ("sequence", "place", "sentence"),
        [
            (
                YEARLY,
                {},
                (
                    "Sequence 'invoices': it counts by year: a number needs the "
                    "document's date. Pass on=."
                ),
            ),
            (
                YEARLY,
                {"on": datetime(2026, 1, 1)},  # noqa: DTZ001
                (
                    "Sequence 'invoices': a moment without a time zone has no date. "
                    "Pass the document's date, or a moment with a time zone."
                ),
            ),
            (
                BRANCHES,
                {"on": date(2026, 1, 1)},
                (
                    "Sequence 'bills': it counts by month and branch: a number needs "
                    "the branch, as text, got None. Pass scope={'branch': ...}."
                ),
            ),
            (
                Sequence("plain"),
                {"scope": {"branch": "K1"}},
                (
                    "Sequence 'plain': it has no scope 'branch'. Declare scope=, or "
                    "leave it out."
                ),
            ),
            (
                BRANCHES,
                {"on": date(2026, 1, 1), "scope": {"brnch": "K1"}},
                "Sequence 'bills': it has no scope 'brnch'. Did you mean 'branch'?",
            ),
            (
                BRANCHES,
                {"on": date(2026, 1, 1), "scope": {"shop": "K1"}},
                (
                    "Sequence 'bills': it has no scope 'shop'. It counts by month and "
                    "branch."
                ),
            ),
            (
                BRANCHES,
                {"on": date(2026, 1, 1), "scope": {"branch": "x" * 100}},
                (
                    f"Sequence 'bills/2026-01/{'x' * 86}': its name has 114 "
                    f"characters, at most 100 are possible."
                ),
            ),
            (
                BRANCHES,
                {"on": date(2026, 1, 1), "scope": {"branch": "K 1"}},
                (
                    "Sequence 'bills/2026-01/K 1': Format "
                    "'{scope.branch}-{period:%Y%m}-{value:03d}': at position 0: scope "
                    "'branch' cannot be printed with ' '. Use ASCII letters and digits "
                    "that charset allows."
                ),
            ),
            (
                YEARLY.of(on=date(2026, 1, 1)),
                {"on": date(2027, 6, 1)},
                (
                    "Sequence 'invoices/2026': it is the part 2026, and on= and scope= "
                    "tell 2027. Take that part of the series itself."
                ),
            ),
            (
                BRANCHES.of(on=date(2026, 1, 1), scope={"branch": "K1"}),
                {"scope": {"branch": "K2"}},
                (
                    "Sequence 'bills/2026-01/K1': it is the part 2026-01/K1, and on= "
                    "and scope= tell 2026-01/K2. Take that part of the series itself."
                ),
            ),
        ],
    )
    @transaction.atomic
    def test_a_document_that_belongs_nowhere_gets_no_number(
        self, sequence: Sequence, place: dict[str, Any], sentence: str
    ):
        """Without a date or a scope that tell its part, nothing is taken."""
        with pytest.raises(InvalidSequence) as refusal:
            take(sequence, **place)
        assert str(refusal.value) == sentence
        assert not Counter.objects.exists()

    @pytest.mark.parametrize(
        "place",
        [{}, {"on": date(2026, 4, 9)}, {"scope": {"branch": "K1"}}],
        ids=["nothing", "its date", "its scope"],
    )
    @transaction.atomic
    def test_a_part_may_be_told_again(self, place: dict[str, Any]):
        """What agrees with it changes nothing."""
        part = BRANCHES.of(on=date(2026, 4, 30), scope={"branch": "K1"})
        assert take(part, **place) == "K1-202604-001"


def _take_in_transaction(day: date) -> str:
    with transaction.atomic():
        return take(YEARLY, on=day)


class TestParts:
    """The parts of a series, each with a counter of its own."""

    @pytest.mark.parametrize(
        ("part", "name"),
        [
            (YEARLY.of(on=date(2026, 1, 1)), "invoices/2026"),
            (FISCAL.of(on=date(2026, 1, 1)), "gst/2025"),
            (
                BRANCHES.of(on=date(2026, 1, 1), scope={"branch": "K1"}),
                "bills/2026-01/K1",
            ),
            (
                Sequence("a", scope=("x", "y")).of(scope={"y": "1/2", "x": "%2F"}),
                "a/%252F/1%2F2",
            ),
            (Sequence("plain").of(on=date(2026, 1, 1)), "plain"),
            (YEARLY.of(on=date(2026, 1, 1)).of(), "invoices/2026"),
            (Sequence("text", format="T{value}").of(), "text"),
        ],
    )
    def test_the_name_of_a_counter(self, part: Sequence, name: str):
        """It is the name of the series, the period's key, the values of the scope."""
        assert part.sequence_name == name

    def test_a_part_prints_and_the_series_reads(self):
        """A printed number reads back to its number, period and scope."""
        place: Any = {"on": date(2026, 4, 30), "scope": {"branch": "K1"}}
        text = BRANCHES.of(**place).print(7)
        number = BRANCHES.parse(text)
        assert text == "K1-202604-007"
        assert (number.value, number.scope) == (7, {"branch": "K1"})
        assert number.period is not None
        assert number.period.key == "2026-04"

    @pytest.mark.parametrize("through", [copy.copy, copy.deepcopy, "pickle"])
    def test_a_part_can_be_copied(self, through: Any):
        """A part travels like any sequence."""
        part = BRANCHES.of(on=date(2026, 4, 30), scope={"branch": "K1"})
        if through == "pickle":
            twin = pickle.loads(pickle.dumps(part))  # noqa: S301 - our own bytes
        else:
            twin = through(part)
        assert (twin.sequence_name, twin.print(7)) == (
            "bills/2026-04/K1",
            "K1-202604-007",
        )

    @pytest.mark.parametrize(
        "use",
        [
            YEARLY.get_next_value,
            YEARLY.get_last_value,
            YEARLY.delete,
            lambda: YEARLY.get_next_values(3),
            lambda: YEARLY.print(1),
        ],
    )
    def test_a_series_has_no_counter_of_its_own(self, use: Any):
        """What means one counter is refused for a series that has many."""
        with pytest.raises(InvalidSequence) as refusal:
            use()
        assert str(refusal.value) == (
            "Sequence 'invoices': it counts by year, so it has many counters. Take one "
            "part of it with of(on=..., scope=...)."
        )

    @given(
        branch=st.text(min_size=1, max_size=20),
        day=st.dates(date(1901, 1, 1), date(2999, 1, 1)),
    )
    def test_a_part_is_found_by_the_name_of_its_counter(self, branch: str, day: date):
        """Whatever its scope is called."""
        series = Sequence("s/1", period="month", scope=("branch",))
        try:
            part = series.of(on=day, scope={"branch": branch})
        except InvalidSequence:
            return  # such a name no counter has
        found = series.part_called(part.sequence_name)
        assert (found.place, found.sequence_name) == (part.place, part.sequence_name)

    @pytest.mark.parametrize(
        "name",
        [
            "s",
            "s/2026",
            "t/2026/K1",
            "s/2026/K1/x",
            "s/26/K1",
            "s/2026-04/K1",
            "s/2026/a%2fb",
        ],
    )
    def test_no_part_is_called_so(self, name: str):
        """What is not the name of a counter of the series has no part of it."""
        series = Sequence("s", period="year", scope=("branch",))
        with pytest.raises(InvalidSequence, match="Sequence 's': no "):
            series.part_called(name)

    def test_what_was_not_printed_is_not_read(self):
        """A text of another series, or a series without format, is refused."""
        with pytest.raises(InvalidSequence, match="was not printed by it"):
            YEARLY.parse("CN-2026-00001")
        with pytest.raises(InvalidSequence) as refusal:
            Sequence("plain").parse("1")
        assert str(refusal.value) == "Sequence 'plain': it has no format. Declare one."


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"format": "{value:05d}", "period": "year"},
            (
                "Format '{value:05d}': it hides the year: numbers of different ones "
                "would look the same. Add {period:%Y}."
            ),
        ),
        (
            {"period": "week"},
            "period must be one of year, quarter, month, day, got 'week'.",
        ),
        ({"timezone": "Europe/Paris"}, "timezone means nothing without period=."),
        (
            {"fiscal_year_starts": "04-01"},
            "fiscal_year_starts means nothing without period=.",
        ),
        ({"max_length": 16}, "max_length means nothing without format=."),
        ({"overflow": "widen"}, "overflow means nothing without format=."),
        (
            {"scope": "branch"},
            "scope must be a tuple of names, as ('branch',), got 'branch'.",
        ),
        ({"scope": 5}, "scope must be a tuple of names, as ('branch',), got 5."),
        (
            {"scope": ("a", "a")},
            "scope must name each part once, got ('a', 'a').",
        ),
        (
            {"format": "{value:02d}", "initial_value": 100},
            (
                "its format prints numbers up to 99, and initial_value is 100. Give "
                "{value} more digits."
            ),
        ),
        (
            {"format": "{value:02d}", "max_value": 100},
            (
                "its format prints numbers up to 99, and max_value is 100. Give "
                "{value} more digits."
            ),
        ),
        (
            {"period": "year", "guarantee": Guarantee.NATIVE},
            (
                "it cannot be NATIVE and count by year: a sequence of the database "
                "counts one way. Declare another guarantee."
            ),
        ),
    ],
)
def test_what_could_not_hold_is_refused(options: dict[str, Any], sentence: str):
    """A series that would print doubles, or nothing, is refused when it is declared."""
    with pytest.raises(InvalidSequence) as refusal:
        Sequence("bad", **options)
    assert str(refusal.value) == f"Sequence 'bad': {sentence}"


def test_a_loop_may_end_with_the_last_number_that_can_be_printed():
    """reset_value itself is never given out."""
    loop = Sequence("loop", 0, 100, format="{value:02d}")
    assert loop.after(99) == 0


def test_two_series_of_one_column_never_print_the_same():
    """A series that could print another's text into its column is refused."""
    column = "documents.Document.number"
    first = Sequence("one", format="INV-{value}", column=column)
    apart = Sequence("two", format="CN-{value}", column=column)
    elsewhere = Sequence("three", format="INV-{value}", column="auth.Group.name")
    again = Sequence("one", format="INV-{value:05d}", column=column)
    with pytest.raises(InvalidSequence) as refusal:
        Sequence("four", format="inv-{value:03d}", column=column)
    assert str(refusal.value) == (
        "Sequence 'four': it could print the same text as sequence 'one', whose "
        "numbers are in the same column. Begin one of their formats with another text."
    )
    assert len({first, apart, elsewhere, again}) == 4


def test_a_scope_is_given_by_name():
    """A text alone does not tell of what it is the value."""
    with pytest.raises(InvalidSequence) as refusal:
        BRANCHES.of(on=date(2026, 1, 1), scope="K1")
    assert str(refusal.value) == (
        "Sequence 'bills': scope must be values by name, as {'branch': 'K1'}, got str "
        "'K1'."
    )
