"""From untrusted data to typed inputs, and from outputs to data."""

import dataclasses
import enum
import json
import sys
import textwrap
import types
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, NewType

import attrs
import pytest

from services import (
    DefinitionError,
    InputError,
    Inputs,
    Outputs,
    Service,
    attribute,
    make,
    unstructure,
)


class Colour(enum.Enum):
    RED = "red"
    BLUE = 2


class Size(enum.IntEnum):
    SMALL = 1


@attrs.frozen
class Line:
    quantity: int = attrs.field(validator=attrs.validators.ge(1))
    price: Decimal = Decimal(0)


@attrs.frozen
class Tree:
    value: int
    children: "list[Tree]" = attrs.field(factory=list)


@dataclasses.dataclass(frozen=True)
class Parcel:
    article: str
    weight: int = 1
    labels: list[str] = dataclasses.field(default_factory=list)


@attrs.frozen
class Card:
    kind: Literal["card"]
    number: str


@attrs.frozen
class Transfer:
    kind: Literal["transfer"]
    number: str


Ids = NewType("Ids", list[int])

CURRENCIES = {"EUR": 2}


@attrs.frozen
class Price:
    currency: str

    def __attrs_post_init__(self):
        CURRENCIES[self.currency]


@attrs.frozen
class Code:
    text: str = attrs.field(validator=attrs.validators.matches_re("[a-z]+"))


@attrs.frozen
class Cash:
    box: int
    number: str = ""


@attrs.frozen
class Till:
    box: int


def problems(annotation: Any, value: object) -> list[str]:
    """Structure one input from data; give what is wrong with it."""
    body = {"__annotations__": {"x": annotation}, "__qualname__": "Probe"}
    probe = type(Inputs)("Probe", (Inputs,), body)
    try:
        probe.structure({"x": value})
    except InputError as error:
        return [str(problem) for problem in error.problems]
    return []


def structured(annotation: Any, value: object) -> Any:
    """Structure one input from data; give it."""
    body = {"__annotations__": {"x": annotation}, "__qualname__": "Probe"}
    return type(Inputs)("Probe", (Inputs,), body).structure({"x": value}).x


TAKEN = [
    (int, 3, 3),
    (int | None, None, None),
    (float, 1, 1.0),
    (float, 1.5, 1.5),
    (float, 2**63 - 1, 2.0**63),
    (bool, False, False),
    (str, "", ""),
    (bytes, b"a", b"a"),
    (Decimal, "12.50", Decimal("12.50")),
    (Decimal, 12, Decimal(12)),
    (Decimal, Decimal("1E-30"), Decimal("1E-30")),
    (Decimal, Decimal("1E-7"), Decimal("0.0000001")),
    (date, "2026-11-21", date(2026, 11, 21)),
    (datetime, "2026-11-21T10:00:00", datetime(2026, 11, 21, 10)),  # noqa: DTZ001
    (time, "10:00:00", time(10)),
    (
        uuid.UUID,
        "12345678-1234-5678-1234-567812345678",
        uuid.UUID(int=0x12345678_1234_5678_1234_567812345678),
    ),
    (Colour, "red", Colour.RED),
    (Colour, Colour.RED, Colour.RED),
    (Size, 1, Size.SMALL),
    (Literal["a", 1], 1, 1),
    (list[int], [1], [1]),
    (Sequence[int], [1], [1]),
    (tuple[int, str], [1, "a"], (1, "a")),
    (tuple[int, ...], [1, 2], (1, 2)),
    (set[str], ["a", "a"], {"a"}),
    (frozenset[str], ["a"], frozenset({"a"})),
    (dict[str, int], {"a": 1}, {"a": 1}),
    (Mapping[str, Line], {"a": {"quantity": 1}}, {"a": Line(1)}),
    (Line, {"quantity": 2, "price": "1.5"}, Line(2, Decimal("1.5"))),
    (Line, Line(2), Line(2)),
    (Tree, {"value": 1, "children": [{"value": 2}]}, Tree(1, [Tree(2)])),
    (Parcel, {"article": "a", "labels": ["x"]}, Parcel("a", 1, ["x"])),
    (Parcel, Parcel("a"), Parcel("a")),
    (Card | Transfer, {"kind": "transfer", "number": "7"}, Transfer("transfer", "7")),
    (Card | Cash | None, {"box": 2}, Cash(2)),
    (Card | Parcel, {"article": "a"}, Parcel("a")),
    (Decimal | int, 3, 3),
    (float | int, 3, 3),
    (Decimal | str | int, 3, 3),
    (int | str | Line | list[int], {"quantity": 1}, Line(1)),
    (int | str | Line | list[int], [1], [1]),
    (int | str | Line | list[int], "1", "1"),
    (date | datetime, "2026-11-21T10:00:00", datetime(2026, 11, 21, 10)),  # noqa: DTZ001
    (datetime, "2026-11-21T10:00:00.000Z", datetime(2026, 11, 21, 10, tzinfo=UTC)),
    (datetime, "2026-11-21 10:00+00:00", datetime(2026, 11, 21, 10, tzinfo=UTC)),
    (uuid.UUID | str, "no uuid", "no uuid"),
    (Ids | None, [1], [1]),
    (Annotated[list[int], "ids"] | None, [1], [1]),
    (Annotated[int | Line, "either"] | str, {"quantity": 1}, Line(1)),
    (Any, {"a": [1]}, {"a": [1]}),
]

REFUSED = [
    (int, 3.0, "x must be int, got float 3.0"),
    (int, True, "x must be int, got bool True"),
    (int, "3", "x must be int, got str '3'"),
    (int, 2**63, "x does not fit into 64 bits"),
    (int, 10**1000, "x does not fit into 64 bits"),
    (Any, 10**1000, "x does not fit into 64 bits"),
    (float, float("nan"), "x is not a finite number"),
    (float, "1.5", "x must be float, got str '1.5'"),
    (bool, 1, "x must be bool, got int 1"),
    (bool, "false", "x must be bool, got str 'false'"),
    (str, None, "x must be str, got None"),
    (str, 1, "x must be str, got int 1"),
    (Decimal, 1.5, "x must be a decimal as text, for example '12.50', got float 1.5"),
    (Decimal, "1e1000000", "x is no plain decimal such as '12.50': str '1e1000000'"),
    (Decimal, "NaN", "x is no plain decimal such as '12.50': str 'NaN'"),
    (Decimal, "\u0661", "x is no plain decimal such as '12.50': str '\u0661'"),
    (
        Decimal,
        Decimal("1e1000000"),
        "x is no plain decimal such as '12.50': Decimal('1E+1000000')",
    ),
    (date, "yesterday", "x is no date such as '2026-11-21': str 'yesterday'"),
    (date, "2026-W01-1", "x is no date such as '2026-11-21': str '2026-W01-1'"),
    (date, "20261121", "x is no date such as '2026-11-21': str '20261121'"),
    (
        datetime,
        "2026-11-21",
        "x is no datetime such as '2026-11-21T10:00:00+01:00': str '2026-11-21'",
    ),
    (time, "T10", "x is no time such as '10:00:00': str 'T10'"),
    (
        date,
        20261121,
        "x must be date as text, for example '2026-11-21', got int 20261121",
    ),
    (
        uuid.UUID,
        "1" * 32 + "-" * 100,
        "x is no UUID such as '12345678-1234-5678-1234-567812345678': str "
        "'" + "1" * 27 + "..." + "-" * 28 + "'",
    ),
    *(
        (
            uuid.UUID,
            text + "-1234-5678-1234-567812345678",
            (
                "x is no UUID such as '12345678-1234-5678-1234-567812345678': str "
                f"'{text}-1234-5678-1234-567812345678'"
            ),
        )
        for text in ("0x345678", "1_345678", "\u0661" * 8)
    ),
    (float, 2**63, "x does not fit into 64 bits"),
    (
        Decimal,
        Decimal("1e-31"),
        "x is no plain decimal such as '12.50': Decimal('1E-31')",
    ),
    (Colour, "2", "x must be one of 'red', 2, got str '2'"),
    (Size, True, "x must be one of 1, got bool True"),
    (Literal["a", 1], True, "x must be one of 'a', 1, got bool True"),
    (list[int], "123", "x must be a list, got str '123'"),
    (list[int], {"0": 1}, "x must be a list, got dict"),
    (tuple[int, str], [1], "x has 1 elements, must have 2"),
    (tuple[int, str], [1, 2], "x[1] must be str, got int 2"),
    (set[str], [["a"]], "x[0] must be str, got list"),
    (dict[str, int], [["a", 1]], "x must be an object, got list"),
    (dict[str, int], {"a": None}, "x['a'] must be int, got None"),
    (Line, [1], "x must be an object (Line), got list"),
    (Line, {}, "x.quantity is missing"),
    (Line, {"quantity": "1"}, "x.quantity must be int, got str '1'"),
    (Line, {"quantity": True}, "x.quantity must be int, got bool True"),
    (Line, {"quantity": 0}, "x.quantity 'quantity' must be >= 1: 0"),
    (
        list[Line],
        [{"quantity": 1}, {"quantity": 0}],
        "x[1].quantity 'quantity' must be >= 1: 0",
    ),
    (
        Parcel,
        {"article": "a", "wait": 1},
        "x.wait is not known. Did you mean 'weight'?",
    ),
    (Parcel, {}, "x.article is missing"),
    (Parcel, [1], "x must be an object (Parcel), got list"),
    (list[Parcel], [None], "x[0] must be an object (Parcel), got None"),
    (Parcel | None, {"article": 3}, "x.article must be str, got int 3"),
    (
        Card | Transfer,
        {"kind": [], "number": "7"},
        "x must be Card or Transfer, got dict",
    ),
    (Card | Cash, {"box": ""}, "x.box must be int, got str ''"),
    (Line, {"quantity": 1, "prise": 2}, "x.prise is not known. Did you mean 'price'?"),
    (
        list[Line],
        [{"quantity": 1}, {"quantity": []}],
        "x[1].quantity must be int, got list",
    ),
    (
        Tree,
        {"value": 1, "children": [{"value": ""}]},
        "x.children[0].value must be int, got str ''",
    ),
    (int | Line, {"quantity": ""}, "x.quantity must be int, got str ''"),
    (int | str | None, 1.5, "x must be int or str or None, got float 1.5"),
    (Decimal | None, "dear", "x is no plain decimal such as '12.50': str 'dear'"),
    (Price, {"currency": "CHF"}, "x KeyError('CHF')"),
    (Price, {}, "x.currency is missing"),
    (
        Code,
        {"text": "7"},
        "x.text 'text' must match regex '[a-z]+' ('7' doesn't)",
    ),
    (timedelta, "1 day", "x must be timedelta, got str '1 day'"),
]


@pytest.mark.parametrize(("annotation", "value", "result"), TAKEN)
def test_data_of_the_right_kind_becomes_the_declared_type(annotation, value, result):
    """Each type has one form in data, or is taken as it is."""
    made = structured(annotation, value)
    assert made == result
    assert type(made) is type(result)


@pytest.mark.parametrize(("annotation", "value", "sentence"), REFUSED)
def test_no_value_is_coerced_into_another_type(annotation, value, sentence):
    """What has another type is refused with its path and its value."""
    assert problems(annotation, value) == [sentence]


class Order(Service):
    class inputs(Inputs):
        lines: list[Line]
        total: Decimal = attribute(
            default=Decimal(1), must={"must be positive": lambda value: value > 0}
        )
        customer: str = attribute(alias="client", default="")

    class outputs(Outputs):
        lines: list[Line]
        total: Decimal | None = None
        days: tuple[date, ...] = (date(2026, 1, 1),)
        tags: set[int] = attribute(factory=lambda: {1})
        colour: Colour = Colour.RED
        untyped: Any = Decimal("0.1")

    steps = (make("price"),)

    def price(self):
        self.outputs.lines = self.inputs.lines
        self.outputs.total = self.inputs.total


def test_text_bytes_and_dicts_say_the_same():
    """JSON as text, as bytes and as a dict give equal inputs, ready to run."""
    data = {"lines": [{"quantity": 2}], "total": "1.50", "client": "Ada"}
    text = json.dumps(data)
    made = Order.inputs.structure(data)
    assert made == Order.inputs(lines=[Line(2)], total=Decimal("1.50"), client="Ada")
    assert Order.inputs.structure(text) == made
    assert Order.inputs.structure(text.encode()) == made
    assert Order.run_with(made).total == Decimal("1.50")


def test_all_problems_of_data_are_told_at_once():
    """Structure, rules, missing and unknown inputs arrive in one error."""
    with pytest.raises(InputError) as refused:
        Order.inputs.structure(
            {"lines": [{"quantity": 1}, {}], "total": "-1", "customer": "Ada"}
        )
    assert str(refused.value) == (
        "Order refuses its inputs, 3 problems:\n"
        "  lines[1].quantity is missing\n"
        "  total must be positive, got Decimal('-1')\n"
        "  customer is not an input."
    )
    assert refused.value.by_path() == {
        "lines[1].quantity": ["is missing"],
        "total": ["must be positive, got Decimal('-1')"],
        "customer": ["is not an input."],
    }
    assert [problem.code for problem in refused.value.problems] == [
        "missing",
        "invalid",
        "unknown",
    ]


def test_a_converter_runs_once_on_untrusted_data_as_well():
    """Data that is right is converted exactly once."""
    calls = []

    class Counted(Inputs):
        size: int = attribute(converter=lambda value: calls.append(value) or value)

    assert Counted.structure({"size": 4}).size == 4
    assert calls == [4]


def test_data_is_never_changed():
    """The caller's dict and lists are what they were."""
    data = {"lines": [{"quantity": 2}], "zzz": [1]}
    before = json.dumps(data)
    with pytest.raises(InputError):
        Order.inputs.structure(data)
    assert json.dumps(data) == before


@pytest.mark.parametrize("data", [[], "[]", "null", 5, None, bytearray(b"{}")])
def test_only_an_object_is_taken(data):
    """Data that is no object is refused as a whole."""
    with pytest.raises(InputError) as refused:
        Order.inputs.structure(data)
    (problem,) = refused.value.problems
    assert (problem.path, problem.code) == ("", "type")
    assert problem.message.startswith("must be an object, got ")


@pytest.mark.parametrize(
    ("annotation", "sentence"),
    [
        (
            list[int] | tuple[str, str],
            "list[int] and tuple[str, str] look alike. Leave one of them.",
        ),
        (
            Line | Tree | dict[str, int],
            (
                "Line and Tree and dict[str, int] look alike. Give each a Literal of "
                "its own, or a field that no other needs."
            ),
        ),
        (
            Cash | Till,
            (
                "Cash and Till look alike. Give each a Literal of its own, or a field "
                "that no other needs."
            ),
        ),
    ],
)
def test_a_type_that_data_cannot_decide_is_a_defect(annotation, sentence):
    """Members of a union that look alike are refused, whatever was sent."""
    hints = {"x": annotation | None}
    body = {"__annotations__": hints, "x": None, "__qualname__": "Either"}
    either = type(Inputs)("Either", (Inputs,), body)
    with pytest.raises(DefinitionError) as refused:
        either.structure({})
    assert str(refused.value) == (
        f"Either: attribute 'x' cannot come from data: {sentence}"
    )


def test_outputs_become_data():
    """Dates and decimals become text, sets lists, enums values, classes dicts."""
    outputs = Order.run(lines=[Line(1)], total=Decimal("1.50"))
    assert unstructure(outputs) == {
        "lines": [{"quantity": 1, "price": "0"}],
        "total": "1.50",
        "days": ["2026-01-01"],
        "tags": [1],
        "colour": "red",
        "untyped": "0.1",
    }
    json.dumps(unstructure(outputs))


def test_classes_whose_annotations_are_text_are_told_apart(monkeypatch):
    """By their names where they were written, not where data is read."""
    module = types.ModuleType("payments")
    monkeypatch.setitem(sys.modules, "payments", module)
    source = """
        from __future__ import annotations
        import uuid, typing as t
        import attrs

        @attrs.frozen
        class Iban:
            kind: t.Literal["iban"]
            iban: uuid.UUID

        @attrs.frozen
        class Cheque:
            kind: t.Literal["cheque"]
            number: int
    """
    exec(textwrap.dedent(source), vars(module))  # noqa: S102
    made = structured(module.Iban | module.Cheque, {"kind": "cheque", "number": 7})
    assert made == module.Cheque("cheque", 7)
