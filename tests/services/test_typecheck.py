"""Which values an annotation lets through, and what is said of the others."""

import enum
import typing
from collections import abc
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NewType, Optional, Protocol

import attrs
import pytest

from services import InputError
from services.typecheck import compile_check


class Colour(enum.Enum):
    RED = "red"


class Size(enum.IntEnum):
    SMALL = 1


@typing.runtime_checkable
class Closes(Protocol):
    def close(self) -> None: ...


@attrs.frozen
class Line:
    quantity: int


UserId = NewType("UserId", int)

ACCEPTED = [
    (int, 1),
    (int, Size.SMALL),
    (float, 1.5),
    (float, 1),
    (bool, True),
    (str, ""),
    (Decimal, Decimal("NaN")),
    (date, date(2026, 1, 1)),
    (datetime, datetime(2026, 1, 1)),  # noqa: DTZ001
    (Colour, Colour.RED),
    (Line, Line(1)),
    (None, None),
    (Any, object()),
    (object, None),
    (Optional[int], None),  # noqa: UP045
    (int | str | None, "a"),
    (Literal["a", 1, Colour.RED], Colour.RED),
    (list[int], []),
    (list[int], [1, 2]),
    (abc.Sequence[int], (1, 2)),
    (abc.Collection[int], {1, 2}),
    (set[str], {"a"}),
    (frozenset[str], frozenset("a")),
    (tuple[int, str], (1, "a")),
    (tuple[int, ...], ()),
    (tuple[()], ()),
    (dict[str, list[int]], {"a": [1]}),
    (abc.Mapping[str, int], {}),
    (list, [object()]),
    (abc.Callable[..., Any], print),
    (abc.Iterator[Any], iter([])),
    (type[int], bool),
    (type[Any], str),
    (type, int),
    (Annotated[int, "a quantity"], 1),
    (UserId, 1),
]

REFUSED = [
    (int, True, "x must be int, got bool True"),
    (int, 1.0, "x must be int, got float 1.0"),
    (int, None, "x must be int, got None"),
    (float, False, "x must be float, got bool False"),
    (bool, 1, "x must be bool, got int 1"),
    (str, b"a", "x must be str, got bytes b'a'"),
    (
        date,
        datetime(2026, 1, 1),  # noqa: DTZ001
        "x must be date, got datetime datetime.datetime(2026, 1, 1, 0, 0)",
    ),
    (Colour, "red", "x must be Colour, got str 'red'"),
    (None, 0, "x must be None, got int 0"),
    (int | None, "", "x must be int or None, got str ''"),
    (Literal["a", 1], True, "x must be one of 'a', 1, got bool True"),
    (Literal[Colour.RED], "red", "x must be one of RED, got str 'red'"),
    (list[int], (1,), "x must be list[int], got tuple (1,)"),
    (list[int], [1, "2"], "x[1] must be int, got str '2'"),
    (abc.Sequence[str], "abc", "x must be Sequence[str], got str 'abc'"),
    (tuple[int, str], (1,), "x has 1 elements, tuple[int, str] has 2"),
    (tuple[int, str], (1, 2), "x[1] must be str, got int 2"),
    (tuple[int, ...], (1, "2"), "x[1] must be int, got str '2'"),
    (dict[str, int], {1: 1}, "x key must be str, got int 1"),
    (dict[str, int], {"a": "b"}, "x['a'] must be int, got str 'b'"),
    (dict[str, list[int]], {"a": [None]}, "x['a'][0] must be int, got None"),
    (list[int] | None, ["a"], "x[0] must be int, got str 'a'"),
    (list[Line], [1], "x[0] must be Line, got int 1"),
    (type[int], str, "x must be a subclass of int, got type <class 'str'>"),
    (type[Any], 1, "x must be type, got int 1"),
    (UserId, "1", "x must be int, got str '1'"),
]


@pytest.mark.parametrize(("annotation", "value"), ACCEPTED)
def test_what_fits_is_accepted_and_has_no_problems(annotation, value):
    """A value of the annotated type passes, and nothing is said of it."""
    check = compile_check(annotation)
    assert check.accepts(value)
    assert list(check.problems(value, "x")) == []


@pytest.mark.parametrize(("annotation", "value", "sentence"), REFUSED)
def test_what_does_not_fit_is_refused_with_its_path(annotation, value, sentence):
    """The refusal names the path, the type and the value."""
    check = compile_check(annotation)
    assert not check.accepts(value)
    assert [str(problem) for problem in check.problems(value, "x")] == [sentence]


@pytest.mark.parametrize(("annotation", "value"), ACCEPTED)
def test_the_short_way_to_a_yes_agrees_with_the_long_one(annotation, value):
    """A type whose instances always fit is only listed if they do."""
    check = compile_check(annotation)
    if type(value) in check.exact:
        assert check.accepts(value)
    for _, other, _ in REFUSED:
        if type(other) in check.exact:
            assert check.accepts(other)


def test_a_protocol_that_can_be_checked_is_checked():
    """A runtime_checkable protocol accepts what has its methods, and nothing else."""
    check = compile_check(Closes)
    with open(__file__) as file:  # noqa: PTH123
        assert check.accepts(file)
    assert not check.accepts(1)


def test_every_wrong_element_is_told():
    """All wrong elements of a container are problems of their own."""
    check = compile_check(list[int])
    assert [problem.path for problem in check.problems(["a", 1, None], "x")] == [
        "x[0]",
        "x[2]",
    ]


def test_a_type_alias_is_seen_through():
    """A `type X = ...` alias checks as what it stands for, where Python has it."""
    scope: dict[str, Any] = {}
    try:
        exec("type Number = int | None", scope)  # noqa: S102
    except SyntaxError:
        pytest.skip("the type statement needs Python 3.12")
    check = compile_check(scope["Number"])
    assert check.accepts(None)
    assert not check.accepts("1")


def test_annotations_may_be_text():
    """`from __future__ import annotations` changes nothing, in functions neither."""
    source = """
from __future__ import annotations
from decimal import Decimal
from services import Inputs, Service

class Outer(Inputs):
    price: Decimal | None

def make():
    class Line: ...
    class Inner(Inputs):
        line: Line
        lines: list[Line]
    class Taking(Service):
        class inputs(Inputs):
            line: Line
    return Line, Inner, Taking
"""
    scope: dict[str, Any] = {"__name__": "shop"}
    exec(source, scope)  # noqa: S102
    assert scope["Outer"](price=None).price is None
    line, inner, taking = scope["make"]()
    assert taking.inputs(line=line())
    assert inner(line=line(), lines=[]).lines == []
    with pytest.raises(InputError) as refused:
        inner(line=1, lines=[1])
    assert str(refused.value) == (
        "Inner refuses its inputs, 2 problems:\n"
        "  line must be Line, got int 1\n"
        "  lines[0] must be Line, got int 1"
    )


def test_an_annotation_may_name_a_class_of_the_layer_itself():
    """A class that is written in the layer is in reach, as text as well."""
    source = """
from __future__ import annotations
from enum import Enum
from services import Inputs

class Paint(Inputs):
    class Colour(Enum):
        RED = "red"
    colour: Colour
"""
    scope: dict[str, Any] = {"__name__": "shop"}
    exec(source, scope)  # noqa: S102
    paint = scope["Paint"]
    assert paint(colour=paint.Colour.RED).colour is paint.Colour.RED


def test_a_callers_names_are_not_taken_for_the_class_bodys():
    """What a caller happens to call `Price` is not what the module means by it."""
    source = """
from __future__ import annotations
from services import Inputs
Price = int

def make():
    class Line(Inputs):
        price: Price
    return Line
"""
    scope: dict[str, Any] = {"__name__": "shop"}
    exec(source, scope)  # noqa: S102

    def caller():
        Price = str  # noqa: F841, N806
        return scope["make"]()

    assert caller()(price=1).price == 1
