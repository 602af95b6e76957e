"""Workers and sessions die at every point of a transaction; the promise is kept.

Some die at chosen points, others at any moment. These make a longer run, which reports
what happened with `pytest -s`:

- `FAULT_WORKERS`: how many processes work at a time;
- `FAULT_DOCUMENTS`: how many documents each of them is to make;
- `FAULT_EVERY`: in how many documents each fault happens once;
- `FAULT_STRIKE_S`: how long it is between two deaths at a random moment.
"""

import os
from collections import Counter

import pytest

from sequences import Guarantee
from tests.sequences.faults.fates import fates_of, plan
from tests.sequences.faults.scene import Scene
from tests.sequences.marks import DATABASE, on_postgresql, with_row_locks

WORKERS = int(os.environ.get("FAULT_WORKERS", "4"))
DOCUMENTS = int(os.environ.get("FAULT_DOCUMENTS", "50"))
EVERY = int(os.environ.get("FAULT_EVERY", "50"))
STRIKE_S = float(os.environ.get("FAULT_STRIKE_S", "0.5"))

PATIENCE_S = 120 + WORKERS * DOCUMENTS / 10

STRATEGIES = [
    pytest.param("Serial", Guarantee.SERIAL, id="Serial"),
    pytest.param("InInsert", Guarantee.SERIAL, id="InInsert", marks=on_postgresql),
    pytest.param("Grouped", Guarantee.GROUPED, id="Grouped"),
    pytest.param("Pooled", Guarantee.POOLED, id="Pooled"),
    pytest.param(
        "PooledInInsert", Guarantee.POOLED, id="PooledInInsert", marks=on_postgresql
    ),
    pytest.param("Blocks", Guarantee.BLOCKS, id="Blocks"),
    pytest.param("Native", Guarantee.NATIVE, id="Native", marks=with_row_locks),
]


@pytest.mark.parametrize(("strategy", "guarantee"), STRATEGIES)
def test_killed_workers_leave_what_was_promised(
    scene: Scene, strategy: str, guarantee: Guarantee
):
    """What was acknowledged is there, once; all laws of the guarantee hold.

    And nobody is left waiting.
    """
    fates = fates_of(guarantee, DATABASE)
    planned = plan(fates, workers=WORKERS, documents=DOCUMENTS, every=EVERY)

    report = scene.play(strategy, planned, patience_s=PATIENCE_S, strike_s=STRIKE_S)

    print(f"{strategy} on {DATABASE}: {report}")
    assert report.anomalies == []
    told = Counter(fate for each in planned.values() for fate in each)
    assert all(told[fate] >= WORKERS for fate in fates)
    assert report.operations >= WORKERS * DOCUMENTS
    to_be_killed = sum(told[fate] for fate in told if "killed" in fate)
    # Whose session ended before did not come to it.
    assert report.killed + report.ended >= to_be_killed
