"""The checker sees each anomaly, and none where there is none."""

import pytest

from tests.sequences.faults.history import Operation, anomalies, read


def acknowledged(name: str, number: int, begin: int, end: int) -> Operation:
    """Give an operation that ended well."""
    return Operation(name=name, invoked=begin, number=number, acknowledged=end)


A = acknowledged("a", 1, 0, 3)
B = acknowledged("b", 2, 1, 4)
UNKNOWN = Operation(name="u", invoked=5)
FAILED = Operation(name="f", invoked=5, failed=True)


@pytest.mark.parametrize(
    ("operations", "documents", "counter"),
    [
        ([], {}, None),
        ([A, B], {"a": 1, "b": 2}, 2),
        ([A, B, FAILED, UNKNOWN], {"a": 1, "b": 2}, 2),
        ([A, B, UNKNOWN], {"a": 1, "b": 2, "u": 3}, 3),
        ([acknowledged("a", 2, 0, 3), acknowledged("b", 1, 1, 4)], {"a": 2, "b": 1}, 2),
    ],
)
def test_a_gapless_series_is_sound(
    operations: list[Operation], documents: dict[str, int], counter: int | None
):
    """Unknown outcomes may be there or not; who overlaps may come in any order."""
    assert list(anomalies(operations, documents, counter)) == []


@pytest.mark.parametrize(
    ("operations", "documents", "counter", "anomaly"),
    [
        ([A], {"a": 1, "u": 1}, 1, "1 stands on a and u"),
        (
            [A, acknowledged("b", 1, 1, 4)],
            {"a": 1, "b": 1},
            1,
            "1 was acknowledged to a and b",
        ),
        ([A, B], {"a": 1}, 1, "b was acknowledged 2, and holds None"),
        ([A, B], {"a": 1, "b": 3}, 3, "b was acknowledged 2, and holds 3"),
        ([A, FAILED], {"a": 1, "f": 2}, 2, "f failed, and is there with 2"),
        ([A, UNKNOWN], {"a": 1, "u": 3}, 3, "2 is missing"),
        ([A], {"a": 1}, 2, "the counter stands at 2, the highest number is 1"),
        ([A], {"a": 1}, None, "the counter stands at None, the highest number is 1"),
        (
            [acknowledged("a", 2, 0, 3), acknowledged("b", 1, 4, 5)],
            {"a": 2, "b": 1},
            2,
            "b began after a had 2, and was given 1",
        ),
    ],
)
def test_each_anomaly_is_told(
    operations: list[Operation],
    documents: dict[str, int],
    counter: int | None,
    anomaly: str,
):
    """Also where the table alone would look gapless and unique."""
    assert anomaly in anomalies(operations, documents, counter)


def test_a_history_is_read_up_to_where_its_writer_was_killed():
    """Half a line is no event."""
    lines = [
        '["invoke", "a", 1]\n',
        '["ok", "a", 7, 2]\n',
        '["invoke", "b", 3]\n',
        '["fail", "b"]\n',
        '["invoke", "c", 4]\n',
        '["ok", "c", 8',
    ]
    assert read(lines) == [
        acknowledged("a", 7, 1, 2),
        Operation(name="b", invoked=3, failed=True),
        Operation(name="c", invoked=4),
    ]
