"""How missing numbers are divided by what explains them, and where they lie."""

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given

from sequences.ledger.collecting import Picture
from sequences.ledger.explanations import Explainer
from sequences.ledger.findings import Explanation, Gap
from sequences.ledger.possible import PossibleNumbers

POOLED, UNSETTLED, OPEN = (
    Explanation.POOLED,
    Explanation.UNSETTLED,
    Explanation.OPEN,
)


def split(explainer: Explainer, first: int, last: int):
    """Give each range with its explanation."""
    return [(it.first, it.last, it.explanation) for it in explainer.split(first, last)]


def free(*runs: tuple[int, int]):
    """Give ranges that are free in a pool."""
    for first, last in runs:
        count = last - first + 1
        yield Gap(first=first, last=last, count=count, explanation=POOLED)


def test_nothing_explains_it():
    """Then the gap stays whole."""
    assert split(Explainer(PossibleNumbers(first=1)), 3, 9) == [(3, 9, None)]


def test_a_run_of_the_pool_cuts_it():
    """What is free is told apart from what is not."""
    explainer = Explainer(PossibleNumbers(first=1), known=free((1, 1), (5, 6), (9, 20)))
    assert split(explainer, 3, 10) == [
        (3, 4, None),
        (5, 6, POOLED),
        (7, 8, None),
        (9, 10, POOLED),
    ]
    assert split(explainer, 15, 22) == [(15, 20, POOLED), (21, 22, None)]


def test_what_is_cut_keeps_its_reason():
    """A part of a void range is void for the same reason."""
    void = Gap(
        first=4, last=8, count=5, explanation=Explanation.VOID, reason="misprint"
    )
    explainer = Explainer(PossibleNumbers(first=2, step=2), known=iter([void]))
    assert list(explainer.split(6, 10)) == [
        Gap(first=6, last=8, count=2, explanation=Explanation.VOID, reason="misprint"),
        Gap(first=10, last=10, count=1),
    ]


def test_above_the_watermark_draws_are_not_settled():
    """Only what a pool has settled is missing."""
    explainer = Explainer(PossibleNumbers(first=1), known=free((8, 8)), settled=5)
    assert split(explainer, 4, 9) == [
        (4, 5, None),
        (6, 7, UNSETTLED),
        (8, 8, POOLED),
        (9, 9, UNSETTLED),
    ]


def test_only_above_the_newest_document_it_may_be_open():
    """A serial number below one that is committed was committed, too."""
    explainer = Explainer(PossibleNumbers(first=1), newest=10, beyond=OPEN)
    assert split(explainer, 4, 5) == [(4, 5, None)]
    assert split(explainer, 11, 12) == [(11, 12, OPEN)]
    assert split(Explainer(PossibleNumbers(first=1), beyond=OPEN), 1, 2) == [
        (1, 2, OPEN)
    ]


@given(
    runs=st.sets(st.integers(0, 60)),
    missing=st.sets(st.integers(0, 60)),
    settled=st.none() | st.integers(-1, 60),
    newest=st.none() | st.integers(0, 60),
    step=st.integers(1, 3),
)
def test_each_number_has_its_own_explanation(runs, missing, settled, newest, step):
    """However they lie: the ranges are the numbers, each once, rightly explained."""
    first, beyond = 2, OPEN
    explainer = Explainer(
        PossibleNumbers(first=first, step=step),
        known=free(*((first + i * step,) * 2 for i in sorted(runs))),
        settled=None if settled is None else first + settled * step,
        newest=None if newest is None else first + newest * step,
        beyond=beyond,
    )
    found = {}
    for index in sorted(missing):
        number = first + index * step
        for gap in explainer.split(number, number):
            assert (gap.first, gap.last, gap.count) == (number, number, 1)
            assert index not in found
            found[index] = gap.explanation

    def expected(index: int) -> Explanation | None:
        if index in runs:
            return POOLED
        if settled is not None:
            return UNSETTLED if index > settled else None
        return OPEN if newest is None or index > newest else None

    assert found == {index: expected(index) for index in missing}


@given(
    total=st.integers(1, 1000),
    step=st.integers(1, 3),
    gaps=st.sets(st.integers(0, 999)),
)
def test_a_picture_holds_each_number_once(total, step, gaps):
    """The parts follow each other, and count what is missing in each."""
    series = PossibleNumbers(first=5, step=step)
    picture = Picture.of(series, 5 + (total - 1) * step)
    missing = sorted(5 + gap * step for gap in gaps if gap < total)
    for number in missing:
        picture.add(Gap(first=number, last=number, count=1))
    parts = picture.parts()
    assert parts[0].first == 5
    assert parts[-1].last == 5 + (total - 1) * step
    for part, following in pairwise(parts):
        assert following.first == part.last + step
    assert sum(part.count for part in parts) == total
    for part in parts:
        inside = [it for it in missing if part.first <= it <= part.last]
        assert part.missing == len(inside)
