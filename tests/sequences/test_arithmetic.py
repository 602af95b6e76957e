"""How a sequence counts, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.arithmetic import HIGHEST, Progression, RanOut

STRAIGHT = Progression(initial=1)
LOOP = Progression(initial=0, reset=3)
STEPS = Progression(initial=5, increment=5, limit=17)
DOWN = Progression(initial=10, increment=-3, limit=1)
DOWN_LOOP = Progression(initial=3, increment=-1, reset=0)


@pytest.mark.parametrize(
    ("progression", "last", "following"),
    [
        (STRAIGHT, None, 1),
        (STRAIGHT, 1, 2),
        (STRAIGHT, HIGHEST - 1, HIGHEST),
        (LOOP, None, 0),
        (LOOP, 1, 2),
        (LOOP, 2, 0),
        (STEPS, None, 5),
        (STEPS, 10, 15),
        (DOWN, None, 10),
        (DOWN, 4, 1),
        (DOWN_LOOP, 2, 1),
        (DOWN_LOOP, 1, 3),
    ],
)
def test_after(progression: Progression, last: int | None, following: int):
    """The first number is the initial one; then it goes up, or down, or around."""
    assert progression.after(last) == following


def test_a_loop_set_below_its_counter_starts_again():
    """A counter beyond a lowered loop goes back to the initial value."""
    assert Progression(initial=0, reset=3).after(59) == 0


@pytest.mark.parametrize(
    ("progression", "last", "count", "values"),
    [
        (STRAIGHT, None, 3, range(1, 4)),
        (STRAIGHT, 7, 0, range(8, 8)),
        (STEPS, None, 3, range(5, 20, 5)),
        (STEPS, 5, 2, range(10, 20, 5)),
        (LOOP, None, 3, range(3)),
        (LOOP, 0, 2, range(1, 3)),
        (LOOP, 1, 2, (2, 0)),
        (LOOP, 1, 3, (2, 0, 1)),
        (LOOP, 2, 3, range(3)),
        (DOWN, None, 4, range(10, 0, -3)),
        (DOWN_LOOP, 2, 2, (1, 3)),
    ],
)
def test_values_after(
    progression: Progression,
    last: int | None,
    count: int,
    values: range | tuple[int, ...],
):
    """Several numbers are a range, or a tuple where they pass the end of a loop."""
    assert progression.values_after(last, count) == values


@pytest.mark.parametrize(
    ("progression", "last", "count", "left"),
    [
        (STEPS, 15, 1, 0),
        (STEPS, 10, 2, 1),
        (STEPS, None, 4, 3),
        (STRAIGHT, HIGHEST, 1, 0),
        (STRAIGHT, HIGHEST - 2, 3, 2),
        (LOOP, None, 4, 3),
        (LOOP, 1, 4, 3),
    ],
)
def test_too_few_left(
    progression: Progression, last: int | None, count: int, left: int
):
    """Where fewer are left than asked for none is given, and it is told how many."""
    with pytest.raises(RanOut) as refusal:
        progression.values_after(last, count)
    assert refusal.value.left == left


progressions = st.builds(
    Progression,
    initial=st.integers(0, 30),
    increment=st.integers(1, 7),
    limit=st.integers(30, 60),
) | st.builds(
    Progression,
    initial=st.integers(0, 30),
    increment=st.integers(1, 7),
    reset=st.integers(31, 60),
)


@given(
    progression=progressions,
    last=st.none() | st.integers(0, 70),
    count=st.integers(0, 80),
)
def test_a_batch_is_what_single_steps_give(
    progression: Progression, last: int | None, count: int
):
    """A batch gives the numbers that one step after another would, or none."""
    try:
        values = progression.values_after(last, count)
    except RanOut as error:
        left = error.left
        assert left < count
        assert len(progression.values_after(last, left)) == left
        return
    at = last
    for value in values:
        at = progression.after(at)
        assert value == at
    assert len(set(values)) == len(values) == count


@given(st.integers(0, 100), st.integers(1, 7), st.integers(1, 20))
def test_values_up_to_ends_at_its_last(initial: int, increment: int, count: int):
    """From the last of a batch, the whole batch is known."""
    progression = Progression(initial=initial, increment=increment)
    values = progression.values_after(None, count)
    assert progression.values_up_to(values[-1], count) == values
