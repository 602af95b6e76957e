"""Hostile data: refused before it is walked, at a cost linear in its size."""

import json
import sys
from decimal import Decimal
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import InputError, Inputs, Limits, attribute
from services.limits import TooLarge, guard, parse_json


@attrs.frozen
class Line:
    quantity: int
    tags: list[str] = attrs.field(factory=list)


class Anything(Inputs):
    a: int = 0
    b: list[Line] = attribute(factory=list)
    c: dict[str, int | list[str] | None] = attribute(factory=dict)
    d: int | str | Line | list[int] | None = None
    e: object = None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NAMED = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e", "quantity"]), JSON)


def refusal(data, limits=None):
    """Structure data that is refused; give the one problem as text."""
    with pytest.raises(InputError) as refused:
        Anything.structure(data, limits=limits)
    (problem,) = refused.value.problems
    return str(problem)


def calls_of(act):
    """Count the calls, of Python and C functions, that something makes."""
    count = 0

    def profile(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def structure(data, limits=None):
    """Structure data, whether it is refused or not."""
    try:
        Anything.structure(data, limits=limits)
    except InputError as error:
        return error
    return None


@given(JSON | NAMED)
def test_any_value_is_structured_or_refused(data):
    """Whatever JSON says, there are inputs or an InputError, and nothing else."""
    structure(data)
    structure(json.dumps(data))


@given(st.text() | st.binary())
def test_any_text_is_structured_or_refused(text):
    """Whatever the bytes, there are inputs or an InputError, and nothing else."""
    structure(text)


WIDE = Limits(nodes=1_000_000, items=100_000, text=10_000_000)


@pytest.mark.parametrize(
    "make_data",
    [
        lambda n: {"b": [{"quantity": 1}] * n},
        lambda n: {"b": [{"quantity": "x"}] * n},
        lambda n: {"c": {str(i): [str(i)] for i in range(n)}},
        lambda n: {"c": {str(i): 1.5 for i in range(n)}},
        lambda n: {"e": [[1]] * n},
        lambda n: {f"unknown{i}": i for i in range(n)},
        lambda n: {"b": [{"quantity": 1, f"unknown{i}": i} for i in range(n)]},
        lambda n: json.dumps({"b": [{"quantity": 1, "tags": ["x"]}] * n}),
        lambda n: "[" * n,
        lambda n: '{"d": "' + '\\"' * n + '"}',
    ],
)
def test_cost_is_linear_in_the_size_of_the_data(make_data):
    """Twice the data takes at most about twice the calls."""
    small, large = make_data(2_000), make_data(4_000)
    structure(large, WIDE)  # compiles what is compiled once
    once = calls_of(lambda: structure(small, WIDE))
    assert calls_of(lambda: structure(large, WIDE)) <= 2.2 * once + 1_000


class Keyed(Inputs):
    ids: set[UUID] = attribute(factory=set)
    amounts: frozenset[Decimal] = frozenset()
    prices: dict[Decimal, int] = attribute(factory=dict)
    pairs: set[tuple[UUID, int]] = attribute(factory=set)


def numbers(count):
    """Give integers that all have one hash."""
    return [7 + each * sys.hash_info.modulus for each in range(count)]


@pytest.mark.parametrize(
    "make_data",
    [
        lambda each: {"ids": [str(UUID(int=n)) for n in each]},
        lambda each: {"amounts": [str(n) for n in each]},
        lambda each: {"prices": {str(n): 1 for n in each}},
        lambda each: {"pairs": [[str(UUID(int=n)), 1] for n in each]},
    ],
)
def test_values_of_one_hash_are_refused(make_data):
    """Made to collide, they would cost quadratic time in a set or as keys."""
    with pytest.raises(InputError) as refused:
        Keyed.structure(make_data(numbers(51)))
    (problem,) = refused.value.problems
    assert (
        problem.message == "has more than 50 values of one hash, which costs too much"
    )
    Keyed.structure(make_data(numbers(50)))


def test_a_refused_key_hides_no_other():
    """Keys are counted although the data is refused for one of them."""
    data = {"prices": {"x": 1} | {str(n): 1 for n in numbers(51)}}
    with pytest.raises(InputError, match="values of one hash"):
        Keyed.structure(data)


def test_one_value_many_times_is_one_value():
    """A set of a thousand equal values is a set of one."""
    given = [str(UUID(int=7))] * 1_000
    assert Keyed.structure({"ids": given}).ids == {UUID(int=7)}


def test_deep_text_is_refused_before_it_is_parsed():
    """A parser that recurses never sees it."""
    for text in ("[" * 100_000, '{"a":' * 100_000, "[" * 33 + "]" * 33):
        assert refusal(text) == "is nested deeper than 32 levels"
    assert refusal("[" * 32 + "]" * 32) == "must be an object, got list"


def test_brackets_within_strings_are_text():
    """Only brackets that nest are counted."""
    assert Anything.structure({"e": "[" * 100}).e == "[" * 100
    assert Anything.structure(json.dumps({"e": '"\\[' * 100})).e == '"\\[' * 100


def test_closing_brackets_hide_no_depth():
    """A surplus of closing brackets does not make room for more opening ones."""
    assert refusal("]" * 100 + "[" * 120).startswith("is not JSON: ")


def test_deep_objects_are_refused_without_recursion():
    """Python objects of any depth, or that contain themselves, are only deep."""
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    endless: list = []
    endless.append(endless)
    ring: dict = {}
    ring["e"] = ring
    for data in ({"e": deep}, {"e": endless}, ring):
        assert refusal(data) == "is nested deeper than 32 levels"


def test_a_tree_of_shared_lists_is_refused_by_its_number_of_values():
    """A few lists that contain each other many times are many values."""
    data: list = []
    for _ in range(20):
        data = [data] * 100
    assert refusal({"e": data}) == "holds more than 10000 values"


def test_long_integers_are_refused_unread():
    """A million digits are neither parsed nor printed, in text and in objects."""
    assert Anything.structure(f'{{"e": -{"9" * 19}}}').e == -(10**19) + 1
    assert refusal(f'{{"e": {"9" * 20}}}') == "holds an integer of more than 19 digits"
    digits = "9" * 900_000
    assert refusal(f'{{"a": {digits}}}') == "holds an integer of more than 19 digits"
    assert refusal(f'{{"a": -{digits}}}') == "holds an integer of more than 19 digits"
    assert refusal({"a": 1 << 3_000_000}) == "a does not fit into 64 bits"
    with pytest.raises(InputError) as refused:
        Anything(a=[1 << 3_000_000])
    (problem,) = refused.value.problems
    assert str(problem) == "a must be int, got list [<int of 3000001 bits>]"


def test_each_limit_refuses_at_its_first_value_beyond():
    """At the limit data is taken, one beyond it is not."""
    small = Limits(depth=3, nodes=6, items=4, text=5)
    assert Anything.structure({"e": [[1, 2]]}, limits=small).e == [[1, 2]]
    assert refusal({"e": [[[]]]}, small) == "is nested deeper than 3 levels"
    assert Anything.structure({"e": [1, 2, 3, 4]}, limits=small).e == [1, 2, 3, 4]
    assert refusal({"e": [1, 2, 3, [4]]}, small) == "holds more than 6 values"
    assert refusal({"e": [1] * 5}, small) == "e has 5 items, at most 4 are taken"
    assert Anything.structure({"e": "x" * 5}, limits=small).e == "x" * 5
    assert refusal({"e": "x" * 6}, small) == "e has 6 characters, at most 5 are taken"
    assert refusal({"e": [{"x" * 6: 1}]}, small) == (
        "e[0] has 6 characters, at most 5 are taken"
    )
    assert refusal(" " * 51, small) == "is 51 characters of JSON, at most 50 are read"


@pytest.mark.parametrize(
    ("name", "ceiling"),
    [("depth", 100), ("nodes", 1_000_000), ("items", 100_000), ("text", 10_000_000)],
)
def test_limits_have_ceilings(name, ceiling):
    """A limit may be raised to its ceiling, and not beyond, nor below one."""
    assert getattr(Limits(**{name: ceiling}), name) == ceiling
    for wrong in (0, ceiling + 1):
        with pytest.raises(ValueError, match=f"'{name}' must be"):
            Limits(**{name: wrong})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1, "a": 2}', "holds an object that says the same key twice"),
        ('{"e": [{"x": 1, "x": 1}]}', "holds an object that says the same key twice"),
        ('{"a": NaN}', "holds NaN, which is not JSON"),
        ('{"a": -Infinity}', "holds -Infinity, which is not JSON"),
        ("[1 2]", "is not JSON: Expecting ',' delimiter: line 1 column 4 (char 3)"),
        (
            b"\xff",
            "is not JSON: 'utf-8' codec can't decode byte 0xff in position 0: "  # noqa: ISC004
            "invalid start byte",
        ),
    ],
)
def test_text_that_is_no_strict_json_is_refused(text, problem):
    """Python's parser is laxer than JSON; this is not."""
    assert refusal(text) == problem


def test_numbers_are_finite_wherever_they_stand():
    """JSON has no infinity, but Python makes one of a number with many digits."""
    assert refusal('{"e": [1, -1e999]}') == "e[1] is not a finite number"
    assert refusal({"e": {"x": float("nan")}}) == "e.x is not a finite number"
    assert Anything.structure('{"e": 1e308}').e == 1e308


def test_characters_that_databases_refuse_are_refused():
    """NUL and halves of surrogate pairs are told by their path, also in keys."""
    nul, half = "holds a NUL character", "holds half a surrogate pair, which is no "
    assert refusal({"e": ["a", "\0"]}) == f"e[1] {nul}"
    assert refusal({"e": {"\0": 1}}) == f"e {nul}"
    assert refusal('{"e": "\\ud800"}') == f"e {half}character"
    assert Anything.structure('{"e": "\\ud83d\\ude00"}').e == "\U0001f600"


def test_tuples_are_walked_like_lists():
    """A dict that comes from Python may hold them."""
    assert refusal({"e": [(1, "\0")]}) == "e[0][1] holds a NUL character"
    assert refusal({"e": ((((),),),)}, Limits(depth=4)) == (
        "is nested deeper than 4 levels"
    )


def test_keys_are_text():
    """A dict that is no JSON object is refused, by its path."""
    assert refusal({"e": [{1: 2}]}) == "e[0] has a key that is not text"


@pytest.mark.parametrize(
    "data",
    [
        '{"a\\n2026 \\u001b[2J": 1}',
        '{"b": [{"quantity": 1, "a\\n2026 \\u001b[2J": 1}]}',
    ],
)
def test_a_name_begins_no_new_line(data: str):
    """Nor does it clear a screen: what is told ends up in logs and terminals."""
    told = refusal(data)
    assert told.isprintable()
    assert "a\\n2026 \\x1b[2J" in told


def test_limits_are_limits():
    """Of whole numbers, and not a dict of them."""
    with pytest.raises(TypeError, match=r"limits must be Limits\(.*\), got dict\."):
        Anything.structure({}, limits={"depth": 5})
    with pytest.raises(TypeError, match="'nodes' must be <class 'int'>"):
        Limits(nodes="5")


def test_ten_thousand_unknown_inputs_are_told_as_a_hundred():
    """The error stays small, however much is wrong, and long names are cut."""
    data = {f"{i}{'x' * 1000}": i for i in range(10_000)}
    error = structure(data, WIDE)
    assert len(error.problems) == 100
    assert len(str(error)) < 100 * 150


@pytest.mark.parametrize(
    "text",
    [
        '"' + '\\"' * 500_000,
        '"' + "\\" * 999_999,
        '"' * 1_000_000,
        '"\\' * 500_000,
        '"a' * 500_000,
        "[]" * 500_000,
        '{"d": "' + '\\"' * 400_000 + '"}',
    ],
)
def test_the_look_at_brackets_takes_a_megabyte_in_linear_time(text):
    """No text makes the expression go back: it ends, and the parser decides."""
    try:
        parse_json(text, Limits())
    except TooLarge as error:
        assert error.problem.path == ""  # noqa: PT017 - either end is right


def test_the_guard_does_not_build_paths_it_does_not_tell():
    """Long keys around many values cost nothing unless one is refused."""
    data: object = [0] * 900
    for _ in range(30):
        data = {"k" * 50_000: data}
    guard(data, Limits())
