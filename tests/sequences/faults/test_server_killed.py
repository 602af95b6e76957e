"""The server is killed in the middle of its work, and started again on its data."""

import pytest

from sequences import Guarantee
from tests.sequences.faults.fates import fates_of, plan
from tests.sequences.faults.scene import Scene
from tests.sequences.faults.test_guarantees import STRATEGIES
from tests.sequences.marks import DATABASE, with_row_locks

WORKERS = 4
DOCUMENTS = 50

PATIENCE_S = 120


@with_row_locks
@pytest.mark.parametrize(("strategy", "guarantee"), STRATEGIES)
def test_a_killed_server_loses_nothing_that_it_acknowledged(
    scene: Scene, strategy: str, guarantee: Guarantee
):
    """The laws of each guarantee hold over the crash, and the work goes on."""
    fates = fates_of(guarantee, DATABASE)
    planned = plan(fates, workers=WORKERS, documents=DOCUMENTS)

    report = scene.play(
        strategy, planned, patience_s=PATIENCE_S, crash_after=WORKERS * DOCUMENTS // 2
    )

    assert report.anomalies == []
    assert report.operations >= WORKERS * DOCUMENTS


@with_row_locks
def test_a_server_that_ends_by_itself_is_started_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    """As whoever looks after servers does; the laws hold over that crash as well."""
    assert scene.server
    assert scene.server.process
    behind_its_back = scene.server.process.kill
    monkeypatch.setattr(scene, "crash", lambda _: behind_its_back())
    planned = plan(["well"], workers=WORKERS, documents=DOCUMENTS)

    report = scene.play(
        "Serial", planned, patience_s=PATIENCE_S, crash_after=WORKERS * DOCUMENTS // 2
    )

    assert report.anomalies == []
    assert report.operations == WORKERS * DOCUMENTS
