"""Formats: what they print, what they read again, what they refuse."""

import time
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from sequences.check_digits import SCHEMES
from sequences.collisions import could_collide
from sequences.formats import Format, PrintedNumber
from sequences.periods import Calendar
from sequences.templates import LONGEST, FormatError

YEAR = Calendar(unit="year")
FISCAL = Calendar(unit="year", fiscal_year_starts="04-01")
MONTH = Calendar(unit="month")
DAY = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("template", "options", "value", "text"),
    [
        ("INV-{period:%Y}-{value:05d}", {"calendar": YEAR}, 42, "INV-2026-00042"),
        ("{value}", {}, 42, "42"),
        ("{{{value:d}}}", {}, 0, "{0}"),
        (
            "{period:%s-%e}/{value:04d}",
            {"calendar": FISCAL},
            1,
            "26-27/0001",
        ),
        ("{period:%Y%m}{value:03d}", {"calendar": MONTH}, 7, "202604007"),
        ("{period:100%%%Y}.{value}", {"calendar": YEAR}, 7, "100%2026.7"),
        (
            "{scope.branch}/{value}",
            {"scope": ("branch",)},
            7,
            "K1/7",
        ),
        ("{scope.branch:2}{value}", {"scope": ("branch",)}, 7, "K17"),
        ("{value:06d}{check:luhn}", {}, 1234, "0012344"),
        (
            "{period:%y}-{value:04d}-{check:damm}",
            {"calendar": YEAR},
            1,
            "26-0001-" + SCHEMES["damm"].check("260001"),
        ),
        ("{check:rf}{value:08d}", {}, 2348231, "RF7102348231"),
        ("{value:03d}", {"overflow": "widen"}, 12345, "12345"),
        ("\u767a\u7968-{value}", {}, 1, "\u767a\u7968-1"),
    ],
)
def test_print_and_parse(template: str, options: dict[str, Any], value: int, text: str):
    """A number is printed with its period, scope and check digit, and read again."""
    printed = Format(template, **options)
    period = printed.calendar.period_of(DAY) if printed.calendar else None
    scope = {"branch": "K1"} if "scope" in options else {}
    assert printed.print(value, period=period, scope=scope) == text
    assert printed.parse(text) == PrintedNumber(value=value, period=period, scope=scope)


SHOWN: list[tuple[Calendar | None, list[str]]] = [
    (None, [""]),
    (YEAR, ["{period:%Y}", "{period:%y}", "{period:%e}"]),
    (FISCAL, ["{period:%S}", "{period:%s-%e}", "{period:%E}/{period:%s}"]),
    (MONTH, ["{period:%Y%m}", "{period:%m.%y}", "{period:%S}{period:%m}"]),
    (
        Calendar(unit="quarter", fiscal_year_starts="02-01"),
        ["{period:%S-%Q}", "{period:%Q%e}"],
    ),
    (Calendar(unit="quarter"), ["{period:%Y%q}", "{period:%Q/%E}"]),
    (
        Calendar(unit="day", fiscal_year_starts="04-06"),
        ["{period:%S%m%d}", "{period:%d%m%Y}", "{period:%e.%d.%m}"],
    ),
]
SCOPES = ["{scope.branch}", "{scope.branch:2}", "{scope.seller}", "{scope.seller:3}"]
LITERALS = ["-", "/", "A", "7", "{{", "Rechnung ", "\u00c4"]
CHECKS = ["", *(f"{{check:{name}}}" for name in SCHEMES)]
VALUES = ["{value}", *(f"{{value:0{width}d}}" for width in range(1, 21))]


@st.composite
def formats(draw: st.DrawFn) -> Format:
    """Give any format that is possible."""
    calendar, showing = draw(st.sampled_from(SHOWN))
    parts = draw(st.lists(st.sampled_from([*SCOPES, *LITERALS, *LITERALS]), max_size=4))
    for part in (draw(st.sampled_from(showing)), draw(st.sampled_from(VALUES))):
        parts.insert(draw(st.integers(0, len(parts))), part)
    check = draw(st.sampled_from(CHECKS))
    parts.insert(0 if check == "{check:rf}" else len(parts), check)
    try:
        return Format(
            "".join(parts),
            calendar=calendar,
            scope=("branch", "seller"),
            overflow=draw(st.sampled_from(["refuse", "widen"])),
            max_length=draw(st.none() | st.integers(10, 40)),
        )
    except FormatError:
        reject()


words = st.text(alphabet="ABCxyz0189", min_size=1, max_size=5)


@given(
    formats(),
    st.data(),
    st.dates(min_value=date(2001, 1, 1), max_value=date(2098, 12, 31)),
)
def test_parse_is_the_inverse_of_print(printed: Format, data: st.DataObject, day: date):
    """Whatever a format prints, it reads back to the same number, period, scope."""
    value = data.draw(st.integers(0, printed.highest))
    period = printed.calendar.period_of(day) if printed.calendar else None
    shown = {piece.text: piece for piece in printed.pieces if piece.kind == "scope"}
    scope = {
        name: data.draw(words).ljust(piece.least, "0")[: piece.most]
        for name, piece in shown.items()
    }
    text = printed.print(value, period=period, scope=scope)
    assert printed.parse(text) == PrintedNumber(value=value, period=period, scope=scope)
    if printed.max_length is not None:
        assert len(text) <= printed.max_length


@given(formats(), st.data())
def test_what_is_read_is_what_would_be_printed(printed: Format, data: st.DataObject):
    """A text is the printed form of what it reads as, or it is refused."""
    period = printed.calendar.period_of(DAY) if printed.calendar else None
    scope = {
        piece.text: "A" * piece.least
        for piece in printed.pieces
        if piece.kind == "scope"
    }
    right = printed.print(0, period=period, scope=scope)
    at = data.draw(st.integers(0, len(right)))
    text = right[:at] + data.draw(st.text(max_size=2)) + right[at + 1 :]
    try:
        number = printed.parse(text)
    except FormatError:
        return
    again = printed.print(number.value, period=number.period, scope=number.scope)
    assert again == text


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(formats(), formats(), st.data())
def test_formats_that_cannot_collide_never_print_the_same(
    one: Format, other: Format, data: st.DataObject
):
    """If two are said to be apart, neither reads what the other prints."""
    assume(not could_collide(one, other))
    period = one.calendar.period_of(DAY) if one.calendar else None
    scope = {
        piece.text: "a" * piece.least for piece in one.pieces if piece.kind == "scope"
    }
    value = data.draw(st.integers(0, one.highest))
    text = one.print(value, period=period, scope=scope)
    for case in (text, text.upper(), text.lower()):
        with pytest.raises(FormatError):
            other.parse(case)


@pytest.mark.parametrize(
    ("one", "other", "could"),
    [
        ("INV-{value:05d}", "CN-{value:05d}", False),
        ("INV-{value:05d}", "inv-{value:05d}", True),
        ("{value:05d}", "{value:06d}", False),
        ("{value:05d}", "{value}", True),
        ("A{value}", "A1{value}", True),
        ("A{value}-", "A{value}", False),
        ("{scope.branch}-{value}", "INV-{value}", True),
        ("{scope.branch:2}-{value}", "INV-{value}", False),
        ("stra\u00dfe{value}", "STRASSE{value}", True),
    ],
)
def test_could_collide(one: str, other: str, could: bool):  # noqa: FBT001
    """Formats collide if some text, in capitals or not, could be of both."""
    left, right = (Format(each, scope=("branch",)) for each in (one, other))
    assert could_collide(left, right) is could_collide(right, left) is could


def test_a_number_that_is_too_wide_is_refused():
    """The default is to refuse: a silently wider number breaks order and limits."""
    narrow = Format("{value:03d}")
    assert narrow.highest == 999
    with pytest.raises(FormatError) as refusal:
        narrow.print(1000)
    assert str(refusal.value) == (
        "Format '{value:03d}': it prints the numbers 0 to 999, got 1000. Give {value} "
        "more digits."
    )


@pytest.mark.parametrize(
    ("template", "options", "highest"),
    [
        ("{value}", {}, 2**63 - 1),
        ("{value:020d}", {}, 2**63 - 1),
        ("{value:05d}", {"overflow": "widen"}, 2**63 - 1),
        ("INV-{value}", {"max_length": 10}, 999_999),
        ("INV-{value:04d}", {"overflow": "widen", "max_length": 10}, 999_999),
        ("INV-{value:04d}", {"max_length": 10}, 9999),
        (
            "{value:03d}{check:finnish}",
            {"overflow": "widen", "max_length": 9},
            10**8 - 1,
        ),
        ("{value:010d}{check:belgian}", {"overflow": "widen"}, 10**10 - 1),
    ],
)
def test_the_highest_number(template: str, options: dict[str, Any], highest: int):
    """A format prints as many digits as its width, its length and scheme allow."""
    assert Format(template, **options).highest == highest


@pytest.mark.parametrize(
    ("printed", "rate", "last", "day"),
    [
        (Format("{value:03d}"), 10, 0, date(2026, 7, 9)),
        (Format("{value:03d}"), 10, 900, date(2026, 4, 10)),
        (Format("{value}"), 10**6, 0, None),
        (Format("{value:03d}"), 0, 0, None),
        (Format("{period:%Y}{value:04d}", calendar=YEAR), 27, 0, None),
        (Format("{period:%Y}{value:04d}", calendar=YEAR), 28, 0, date(2027, 12, 24)),
        (Format("{period:%Y}{value:04d}", calendar=YEAR), 1, 9900, date(2026, 7, 9)),
        # Only a month of 31 days is too long.
        (
            Format("{period:%y%m}{value:02d}", calendar=MONTH),
            3.25,
            0,
            date(2026, 5, 31),
        ),
    ],
)
def test_when_it_will_overflow(
    printed: Format, rate: float, last: int, day: date | None
):
    """From a rate follows the day from which on there is no number left."""
    assert printed.overflows_at(rate, on=DAY, last=last) == day


@pytest.mark.parametrize(
    ("template", "options", "sentence"),
    [
        (7, {}, "Format 7: it must be text, got int."),
        ("INV", {}, "Format 'INV': it shows the number 0 times. Write {value} once."),
        (
            "{value}-{value}",
            {},
            (
                "Format '{value}-{value}': it shows the number 2 times. Write {value} "
                "once."
            ),
        ),
        (
            "{value",
            {},
            (
                "Format '{value': at position 0: this brace is never closed. Close it, "
                "or write '{{'."
            ),
        ),
        (
            "{value}}",
            {},
            (
                "Format '{value}}': at position 7: no brace is open here. Write '}}' "
                "to print one."
            ),
        ),
        (
            "{valeu}",
            {},
            (
                "Format '{valeu}': at position 0: there is no field 'valeu'. Did you "
                "mean 'value'? Use value, period, scope, check."
            ),
        ),
        (
            "{value.__class__}",
            {},
            (
                "Format '{value.__class__}': at position 0: there is no field "
                "'value.__class__'. Use value, period, scope, check."
            ),
        ),
        (
            "{value:0>300000000}",
            {},
            (
                "Format '{value:0>300000000}': at position 0: {value} takes a width "
                "from 1 to 20, as in {value:05d}, got '0>300000000'."
            ),
        ),
        (
            "{value:021d}",
            {},
            (
                "Format '{value:021d}': at position 0: {value} takes a width from 1 to "
                "20, as in {value:05d}, got '021d'."
            ),
        ),
        (
            "{period:%H}{value}",
            {"calendar": YEAR},
            (
                "Format '{period:%H}{value}': at position 8: there is no code '%H'. "
                "Use %Y, %y, %q, %m, %d, %S, %s, %E, %e, %Q."
            ),
        ),
        (
            "{period}{value}",
            {"calendar": YEAR},
            (
                "Format '{period}{value}': at position 7: {period} needs a code, as in "
                "{period:%Y}."
            ),
        ),
        (
            "{period:%Y}{value}",
            {},
            (
                "Format '{period:%Y}{value}': at position 8: the series counts through "
                "all periods. Declare period='year', or leave the field out."
            ),
        ),
        (
            "INV-{value}",
            {"calendar": YEAR},
            (
                "Format 'INV-{value}': it hides the year: numbers of different ones "
                "would look the same. Add {period:%Y}."
            ),
        ),
        (
            "{period:%m}-{value}",
            {"calendar": MONTH},
            (
                "Format '{period:%m}-{value}': it hides the month: numbers of "
                "different ones would look the same. Add {period:%Y-%m}."
            ),
        ),
        (
            "{period:%Y-%m}-{value}",
            {"calendar": YEAR},
            (
                "Format '{period:%Y-%m}-{value}': at position 11: %m changes within a "
                "year of this series, and the counter does not. Use %Y, %y, %S, %s, "
                "%E, %e."
            ),
        ),
        (
            "{period:%Y}-{value}",
            {"calendar": FISCAL},
            (
                "Format '{period:%Y}-{value}': at position 8: %Y changes within a year "
                "of this series, and the counter does not. Use %S, %s, %E, %e."
            ),
        ),
        (
            "{scope.branch}-{value}",
            {},
            (
                "Format '{scope.branch}-{value}': at position 0: the series has no "
                "scope 'branch'. Declare scope=('branch',)."
            ),
        ),
        (
            "{scope.a}{value}",
            {"scope": ("a",)},
            (
                "Format '{scope.a}{value}': at position 0: where {scope} ends cannot "
                "be told. Give it a width, or put a separator behind it."
            ),
        ),
        (
            "{value}{check:lun}",
            {},
            (
                "Format '{value}{check:lun}': at position 7: there is no check digit "
                "'lun'. Did you mean 'luhn'? Use luhn, damm, verhoeff, mod11-2, "
                "mod37-2, mod37-36, mod97-10, belgian, swiss-qr, rf, finnish, kid10, "
                "kid11, ocr, ocr-length."
            ),
        ),
        (
            "{check:luhn}{value}",
            {},
            (
                "Format '{check:luhn}{value}': at position 0: 'luhn' must stand behind "
                "the number."
            ),
        ),
        (
            "{value}{check:rf}",
            {},
            "Format '{value}{check:rf}': at position 7: 'rf' must stand first.",
        ),
        (
            "{value:04d}{check:belgian}",
            {},
            (
                "Format '{value:04d}{check:belgian}': at position 11: 'belgian' is for "
                "10 characters, and here are 4. Give {value} another width."
            ),
        ),
        (
            "INVOICE-{value:09d}",
            {"max_length": 16},
            (
                "Format 'INVOICE-{value:09d}': it prints up to 17 characters, and "
                "max_length is 16. Shorten it."
            ),
        ),
        (
            "INV#{value}",
            {"charset": "INV-/0123456789"},
            (
                "Format 'INV#{value}': at position 0: it prints '#', which is not in "
                "charset 'INV-/0123456789'."
            ),
        ),
        (
            "\uff11{value}",
            {},
            (
                "Format '\uff11{value}': at position 0: '\uff11' looks like a number "
                "and is none. Write 0 to 9."
            ),
        ),
        (
            "a\u202e{value}",
            {},
            (
                "Format 'a\\u202e{value}': at position 1: U+202E cannot be printed as "
                "a character of its own. Leave it out."
            ),
        ),
        (
            "{value}",
            {"overflow": "roll"},
            "Format '{value}': overflow must be 'refuse' or 'widen', got 'roll'.",
        ),
        (
            "{value}",
            {"max_length": 0},
            "Format '{value}': max_length must be 1 or more, got 0.",
        ),
        (
            "x" * 201,
            {},
            (
                f"Format '{'x' * 27}...{'x' * 28}': it has 201 characters, at most 200 "
                f"are possible."
            ),
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    template: Any, options: dict[str, Any], sentence: str
):
    """A format that could not hold is refused when it is made; the remedy is told."""
    with pytest.raises(FormatError) as refusal:
        Format(template, **options)
    assert str(refusal.value) == sentence


BRANCH = Format("{scope.branch:2}-{value:03d}", scope=("branch",))


@pytest.mark.parametrize(
    ("attempt", "sentence"),
    [
        (
            lambda: BRANCH.print(value=True, scope={"branch": "K1"}),
            "a number must be int, got bool True.",
        ),
        (lambda: BRANCH.print(1), "at position 0: it shows scope 'branch', got None."),
        (
            lambda: BRANCH.print(1, scope={"branch": "K12"}),
            "at position 0: scope 'branch' has 2 characters, got 'K12'.",
        ),
        (
            lambda: BRANCH.print(1, scope={"branch": "K-"}),
            (
                "at position 0: scope 'branch' cannot be printed with '-'. Use ASCII "
                "letters and digits that charset allows."
            ),
        ),
        (lambda: BRANCH.parse("K1-01"), "at position 3 there is no value."),
        (lambda: BRANCH.parse("K1/001"), "at position 2 there is no '-'."),
        (lambda: BRANCH.parse("K1-0012"), "'K1-0012' is longer than what it prints."),
        (
            lambda: BRANCH.parse(None),  # type: ignore[arg-type]
            "a printed number is text, got None.",
        ),
        (
            lambda: Format("{value}").parse("007"),
            "'007' was not printed by it. Its number is '7'.",
        ),
        (
            lambda: Format("{value:04d}{check:luhn}").parse("12345"),
            "'12345' was not printed by it. Its number is '12344'.",
        ),
        (
            lambda: Format("{period:%Y%m}{value}", calendar=MONTH).parse("2026131"),
            "'2026131' shows no period that there is.",
        ),
        (lambda: Format("{value}").parse("\u0663"), "at position 0 there is no value."),
    ],
)
def test_what_it_cannot_print_or_read_is_refused(
    attempt: Callable[[], object], sentence: str
):
    """The refusal says which part does not fit, and where."""
    with pytest.raises(FormatError) as refusal:
        attempt()
    assert str(refusal.value).endswith(sentence)


hostile = (
    st.text()
    | st.text(alphabet="{}:%0123456789d.valuepriodscoechk_")
    | st.lists(
        st.sampled_from(
            [*SCOPES, *CHECKS, *VALUES, "{", "}", "{value:", "%", ".__class__", "\x00"]
        )
    ).map("".join)
)


@given(hostile, st.sampled_from([None, YEAR, MONTH]))
def test_any_text_is_a_format_or_refused(template: str, calendar: Calendar | None):
    """Nothing but a FormatError comes of a text, whatever it is."""
    try:
        printed = Format(template, calendar=calendar, scope=("branch", "seller"))
    except FormatError:
        return
    assert sum(piece.most for piece in printed.pieces) <= 20 * LONGEST


@pytest.mark.parametrize("unit", ["{", "{{", "}", "{value", "{value}", "\u0301", "%"])
def test_a_huge_text_costs_nothing(unit: str):
    """A text that is too long is refused before it is read."""
    template = unit * 10_000_000
    started = time.perf_counter()
    with pytest.raises(FormatError):
        Format(template)
    with pytest.raises(FormatError):
        BRANCH.parse(template)
    assert time.perf_counter() - started < 0.5


def test_a_format_can_be_copied():
    """A format, and what it refuses, travel with their facts."""
    assert deepcopy(BRANCH).print(1, scope={"branch": "K1"}) == "K1-001"
    with pytest.raises(FormatError) as refusal:
        Format("{value")
    twin = deepcopy(refusal.value)
    assert (str(twin), twin.position) == (str(refusal.value), 0)
