import pytest

import sequences
from sequences import (
    AllocateNumber,
    AllocateNumbers,
    Guarantee,
    InvalidSequence,
    Sequence,
    allocate,
)
from sequences.guarantees import LADDER
from tests.sequences.series import COLUMN


def test_every_guarantee_has_its_promise():
    """No rung of the ladder is without words, and each names a public allocator."""
    assert set(LADDER) == set(Guarantee)
    for guarantee in Guarantee:
        assert guarantee.promise.service in sequences.__all__


@pytest.mark.parametrize("kind", [Guarantee.POOLED, Guarantee.GROUPED])
def test_what_looks_at_documents_must_know_them(kind: Guarantee):
    """A pool or a group without a column is refused when it is declared."""
    with pytest.raises(InvalidSequence) as refusal:
        Sequence("papers", guarantee=kind)

    assert str(refusal.value) == (
        f"Sequence 'papers': to be {kind.name} it must know where its numbers are "
        f"stored. Declare column='app.Model.field'."
    )


@pytest.mark.parametrize("kind", [Guarantee.POOLED, Guarantee.GROUPED])
def test_a_loop_cannot_be_told_from_a_number_that_came_back(kind: Guarantee):
    """A pool or a group that loops is refused when it is declared."""
    with pytest.raises(InvalidSequence) as refusal:
        Sequence("papers", reset_value=9, guarantee=kind, column=COLUMN)

    assert str(refusal.value) == (
        f"Sequence 'papers': it cannot be {kind.name} and loop: its numbers would meet "
        f"again."
    )


def test_a_guarantee_is_one_of_the_ladder():
    """Text that looks like a guarantee is refused when it is declared."""
    with pytest.raises(InvalidSequence) as refusal:
        Sequence("papers", guarantee="pooled")  # type: ignore[arg-type]

    assert str(refusal.value) == (
        "Sequence 'papers': guarantee must be a Guarantee, got str 'pooled'."
    )


def test_another_service_refuses_and_names_the_right_one():
    """A sequence is refused by the service of another guarantee."""
    with pytest.raises(InvalidSequence) as refusal:
        Sequence("papers").require(Guarantee.BLOCKS)

    assert str(refusal.value) == (
        "Sequence 'papers': it is declared as SERIAL, not as BLOCKS: its numbers come "
        "from AllocateNumber."
    )


def test_a_group_is_not_allocated_one_by_one():
    """allocate() refuses a grouped sequence, and says how it is numbered."""
    papers = Sequence("papers", guarantee=Guarantee.GROUPED, column=COLUMN)

    with pytest.raises(InvalidSequence) as refusal:
        allocate(papers)

    assert str(refusal.value) == (
        "Sequence 'papers': it is declared as GROUPED: save the document without a "
        "number, and run NumberPending after the commit."
    )


def test_of_a_series_a_part_is_allocated():
    """allocate() has no date to tell it by."""
    yearly = Sequence("papers", format="{period:%Y}-{value}", period="year")

    with pytest.raises(InvalidSequence) as refusal:
        allocate(yearly)

    assert str(refusal.value) == (
        "Sequence 'papers': it counts by year, so it has many counters. Take one part "
        "of it with of(on=..., scope=...)."
    )


@pytest.mark.parametrize("kind", [*Guarantee][1:])
@pytest.mark.parametrize(
    "take",
    [
        lambda papers: AllocateNumber.run(sequence=papers),
        lambda papers: AllocateNumbers.run(sequence=papers, count=2),
        Sequence.get_next_value,
        lambda papers: papers.get_next_values(2),
        next,
    ],
    ids=[
        "AllocateNumber",
        "AllocateNumbers",
        "get_next_value",
        "get_next_values",
        "iteration",
    ],
)
def test_a_counter_is_not_counted_past_its_own_service(kind: Guarantee, take):
    """Whatever counts one by one refuses what is given out in another way."""
    papers = Sequence("papers", guarantee=kind, column=COLUMN)

    with pytest.raises(InvalidSequence) as refusal:
        take(papers)

    assert str(refusal.value) == (
        f"Sequence 'papers': it is declared as {kind.name}, not as SERIAL: its numbers "
        f"come from {kind.promise.service}."
    )


@pytest.mark.parametrize("kind", [Guarantee.POOLED, Guarantee.NATIVE])
def test_what_no_counter_counts_has_no_last_number(kind: Guarantee):
    """A pool, or the database's own sequence, is not said to have given out none."""
    with pytest.raises(InvalidSequence) as refusal:
        Sequence("papers", guarantee=kind, column=COLUMN).get_last_value()

    assert str(refusal.value) == (
        f"Sequence 'papers': it is declared as {kind.name}: no counter tells which of "
        f"its numbers was given out last. AuditNumbers reads its documents."
    )
