"""Planted bugs: what the laws would not see here, they would not see elsewhere."""

import pytest

from tests.sequences.faults.scene import Scene
from tests.sequences.marks import on_mariadb, on_postgresql, with_row_locks

WORKERS = 4

PATIENCE_S = 120

PLAYS = 3

TURNED_AWAY = ["well", "rolled back", "well", "well"]
LATE = ["replenishes", "ends late", "well", "rolled back"]
FORKED = ["well", "forks", "well", "well"]

MUTANTS = [
    ("DrawsInAutocommit", TURNED_AWAY, "is missing", []),
    ("DrawsFromNativeSequence", TURNED_AWAY, "is missing", with_row_locks),
    ("ReadsUnlocked", TURNED_AWAY, "stands on", with_row_locks),
    ("TakesHighestPlusOne", TURNED_AWAY, "stands on", with_row_locks),
    ("GroupsUnlocked", TURNED_AWAY, "was acknowledged", with_row_locks),
    ("ReclaimsAtOnce", LATE, "stands on", on_postgresql),
    ("ClaimsUnlocked", LATE, "stands on", on_mariadb),
    ("ReservesInCallersTransaction", TURNED_AWAY, "stands on", []),
    ("RemembersAcrossForks", FORKED, "stands on", []),
    ("ReservesForEachNumber", TURNED_AWAY, "numbers are missing", []),
]


@pytest.mark.parametrize(
    ("mutant", "fates", "anomaly"),
    [
        pytest.param(mutant, fates, anomaly, id=mutant, marks=marks)
        for mutant, fates, anomaly, marks in MUTANTS
    ],
)
def test_a_wrong_implementation_is_caught(
    scene: Scene, mutant: str, fates: list[str], anomaly: str
):
    """The same workers, with an allocation that is wrong, leave traces that are told.

    On SQLite, transactions that begin as writers make unlocked reading right.
    """
    # Each begins elsewhere, so that they do different things at the same time.
    planned = {f"w{n}": (fates[n:] + fates[:n]) * 10 for n in range(WORKERS)}

    # Whether they meet is for the machine to decide: mostly they do in the first play.
    plays = (scene.play(mutant, planned, patience_s=PATIENCE_S) for _ in range(PLAYS))

    assert any(anomaly in sentence for play in plays for sentence in play.anomalies)
