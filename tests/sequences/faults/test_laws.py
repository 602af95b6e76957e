"""The laws see each anomaly, and none where there is none."""

import pytest

from sequences import Guarantee
from sequences.guarantees import LADDER
from tests.sequences.faults.history import Operation, read
from tests.sequences.faults.laws import (
    LAWS,
    Outcome,
    anomalies,
    gapless,
    in_order,
    in_order_of_each_process,
)


def acknowledged(
    name: str, number: int, begin: int, end: int, saved: int | None = None
) -> Operation:
    """Give an operation that ended well."""
    return Operation(
        name=name, invoked=begin, saved=saved, number=number, acknowledged=end
    )


A = acknowledged("p-0", 1, 0, 3)
B = acknowledged("q-0", 2, 1, 4)
UNKNOWN = Operation(name="p-1", invoked=5)
FAILED = Operation(name="q-1", invoked=5, failed=True)


def outcome(
    operations: list[Operation],
    documents: dict[str, int | None],
    counter: int | None = None,
) -> Outcome:
    """Give an outcome with blocks of one number."""
    return Outcome(operations=operations, documents=documents, counter=counter)


@pytest.mark.parametrize(
    "ended",
    [
        outcome([], {}, None),
        outcome([A, B], {"p-0": 1, "q-0": 2}, 2),
        outcome([A, B, FAILED, UNKNOWN], {"p-0": 1, "q-0": 2}, 2),
        outcome([A, B, UNKNOWN], {"p-0": 1, "q-0": 2, "p-1": 3}, 3),
        outcome(
            [acknowledged("p-0", 2, 0, 3), acknowledged("q-0", 1, 1, 4)],
            {"p-0": 2, "q-0": 1},
            2,
        ),
    ],
)
@pytest.mark.parametrize("guarantee", Guarantee)
def test_what_is_sound_breaks_no_law(guarantee: Guarantee, ended: Outcome):
    """Unknown outcomes may be there or not; who overlaps may come in any order."""
    assert list(anomalies(guarantee, ended)) == []


ANOMALIES = {
    "1 stands on p-0 and p-1": outcome([A], {"p-0": 1, "p-1": 1}),
    "1 was acknowledged to p-0 and q-0": outcome(
        [A, acknowledged("q-0", 1, 1, 4)], {"p-0": 1, "q-0": 1}
    ),
    "q-0 was acknowledged 2, and holds None": outcome([A, B], {"p-0": 1}),
    "q-0 was acknowledged 2, and holds 3": outcome([A, B], {"p-0": 1, "q-0": 3}),
    "q-1 failed, and is there with 2": outcome([A, FAILED], {"p-0": 1, "q-1": 2}),
    "p-0 was saved, and is not there": outcome(
        [Operation(name="p-0", invoked=1, saved=2)], {}
    ),
}


@pytest.mark.parametrize("anomaly", ANOMALIES)
@pytest.mark.parametrize("guarantee", Guarantee)
def test_what_no_guarantee_allows_is_told(guarantee: Guarantee, anomaly: str):
    """Also where the table alone would look unique, and gapless."""
    assert anomaly in anomalies(guarantee, ANOMALIES[anomaly])


@pytest.mark.parametrize(
    ("guarantee", "ended", "anomaly"),
    [
        (Guarantee.POOLED, outcome([A], {"p-0": 1, "p-1": 3}), "2 is missing"),
        (Guarantee.GROUPED, outcome([], {"p-0": None}), "p-0 has no number"),
        (
            Guarantee.SERIAL,
            outcome([A], {"p-0": 1}, 2),
            "the counter stands at 2, the highest number is 1",
        ),
        (
            Guarantee.GROUPED,
            outcome([A], {"p-0": 1}, None),
            "the counter stands at None, the highest number is 1",
        ),
        (
            Guarantee.NATIVE,
            outcome(
                [acknowledged("p-0", 2, 0, 3), acknowledged("q-0", 1, 4, 5)],
                {"p-0": 2, "q-0": 1},
            ),
            "q-0 began after p-0 had 2, and was given 1",
        ),
        (
            Guarantee.GROUPED,
            outcome(
                [
                    Operation(name="p-0", invoked=0, saved=3),
                    acknowledged("q-0", 1, 4, 6, saved=5),
                ],
                {"p-0": 2, "q-0": 1},
                2,
            ),
            "q-0 began after p-0 had 2, and was given 1",
        ),
        (
            Guarantee.BLOCKS,
            outcome(
                [acknowledged("p-0", 2, 0, 3), acknowledged("p-1", 1, 4, 5)],
                {"p-0": 2, "p-1": 1},
            ),
            "p-1 was given 1 after 2",
        ),
        (
            Guarantee.BLOCKS,
            outcome([A, UNKNOWN], {"p-0": 5}),
            "4 numbers are missing, 3 may be",
        ),
    ],
)
def test_what_a_guarantee_does_not_allow_is_told(
    guarantee: Guarantee, ended: Outcome, anomaly: str
):
    """A gap, a document without a number, disorder: where it was promised not to be."""
    assert anomaly in anomalies(guarantee, ended)


@pytest.mark.parametrize("guarantee", Guarantee)
def test_the_laws_are_those_of_the_ladder(guarantee: Guarantee):
    """Whoever promises no gaps, or an order, is measured by it; nobody else is."""
    promise, laws = LADDER[guarantee], LAWS[guarantee]

    assert (gapless in laws) is not promise.gapless.startswith("no")
    assert (in_order in laws) is (promise.order not in ("none", "within a process"))
    assert (in_order_of_each_process in laws) is (promise.order == "within a process")


def test_a_history_is_read_up_to_where_its_writer_was_killed():
    """Half a line is no event."""
    lines = [
        '["invoke", "p-0", 1]\n',
        '["saved", "p-0", 2]\n',
        '["ok", "p-0", 7, 3]\n',
        '["invoke", "p-1", 4]\n',
        '["fail", "p-1"]\n',
        '["invoke", "p-2", 5]\n',
        '["ok", "p-2", 8',
    ]
    assert read(lines) == [
        acknowledged("p-0", 7, 1, 3, saved=2),
        Operation(name="p-1", invoked=4, failed=True),
        Operation(name="p-2", invoked=5),
    ]
