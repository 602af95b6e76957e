"""How values, names and annotations are put into a sentence."""

import collections
import enum
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, NewType

import pytest

from services.wording import annotation_name, did_you_mean, got, short, without_locals


class Colour(enum.Enum):
    RED = "red"


class Lazy:
    def __iter__(self):
        raise AssertionError

    def __repr__(self):
        raise AssertionError


class Broken:
    def __repr__(self):
        raise ValueError


Point = collections.namedtuple("Point", "x y")  # noqa: PYI024
UserId = NewType("UserId", int)


class Line: ...


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        ("a", "'a'"),
        ("x" * 100, "'" + "x" * 27 + "..." + "x" * 28 + "'"),
        (b"x" * 100, "b'" + "x" * 26 + "..." + "x" * 28 + "'"),
        (list(range(100)), "[0, 1, 2, 3, 4, 5, ...]"),
        ([[[[1]]]], "[[[...]]]"),
        (collections.OrderedDict(a=1), "{'a': 1}"),
        (Point(1, "x" * 100), "(1, '" + "x" * 27 + "..." + "x" * 28 + "')"),
        (range(3), "range(0, 3)"),
        (Colour.RED, "<Colour.RED: 'red'>"),
        (Decimal(1), "Decimal('1')"),
        (Lazy(), "<Lazy>"),
        ([Lazy()], "[<Lazy>]"),
        ({"a": Lazy()}, "{'a': <Lazy>}"),
        ((n for n in "ab"), "<generator>"),
        (1 << 10_000_000, "<int of 10000001 bits>"),
        ([-(1 << 10_000)], "[<int of 10001 bits>]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_are_shown_short_and_without_side_effects(value, text):
    """Long values are cut before they are printed, and lazy ones only named."""
    assert short(value) == text


def test_a_broken_representation_hides_no_error():
    """What cannot be shown is named by its type."""
    assert short(Broken()).startswith("<Broken instance at 0x")


def test_a_value_is_told_with_its_type():
    """None needs no type."""
    assert got(None) == "None"
    assert got(True) == "bool True"  # noqa: FBT003
    assert got("5") == "str '5'"


def test_the_nearest_name_is_suggested():
    """A similar name is suggested, a different one is not, a long one is cut."""
    assert did_you_mean("qantity", ["price", "quantity"]) == (
        " Did you mean 'quantity'?"
    )
    assert did_you_mean("zzz", ["price", "quantity"]) == ""
    assert did_you_mean("x" * 1_000_000, ["price"]) == ""


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "int"),
        (None, "None"),
        (type(None), "None"),
        (Any, "Any"),
        (Line, "Line"),
        (list[Line], "list[Line]"),
        (dict[str, Line | None], "dict[str, Line | None]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (Callable[..., Any], "Callable[..., Any]"),
        (Literal["a.b", 'c"d.e'], "Literal['a.b', 'c\"d.e']"),
        (UserId, "UserId"),
        ("shop.Line", "shop.Line"),
    ],
    ids=str,
)
def test_annotations_are_shown_as_they_are_written(annotation, text):
    """Module paths are dropped, and literal texts left alone."""
    assert annotation_name(annotation) == text


def test_local_classes_are_shown_by_their_own_name():
    """Functions around a class are not told."""

    class Local: ...

    assert annotation_name(list[Local]) == "list[Local]"
    assert without_locals(Local.__qualname__) == "Local"
    assert without_locals("Issue.inputs") == "Issue.inputs"
