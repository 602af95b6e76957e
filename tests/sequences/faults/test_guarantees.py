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
from tests.sequences.marks import DATABASE, with_row_locks

WORKERS = int(os.environ.get("FAULT_WORKERS", "4"))
DOCUMENTS = int(os.environ.get("FAULT_DOCUMENTS", "50"))
EVERY = int(os.environ.get("FAULT_EVERY", "50"))
STRIKE_S = float(os.environ.get("FAULT_STRIKE_S", "0.2"))

PATIENCE_S = 60 + WORKERS * DOCUMENTS / 10

STRATEGIES = {
    "Serial": Guarantee.SERIAL,
    "Grouped": Guarantee.GROUPED,
    "Pooled": Guarantee.POOLED,
    "Blocks": Guarantee.BLOCKS,
    "Native": Guarantee.NATIVE,
}


@pytest.mark.parametrize(
    "strategy",
    [
        *["Serial", "Grouped", "Pooled", "Blocks"],
        pytest.param("Native", marks=with_row_locks),
    ],
)
def test_killed_workers_leave_what_was_promised(scene: Scene, strategy: str):
    """What was acknowledged is there, once; all laws of the guarantee hold.

    And nobody is left waiting.
    """
    fates = fates_of(STRATEGIES[strategy], DATABASE)
    planned = plan(fates, workers=WORKERS, documents=DOCUMENTS, every=EVERY)

    report = scene.play(strategy, planned, patience_s=PATIENCE_S, strike_s=STRIKE_S)

    print(f"{strategy} on {DATABASE}: {report}")
    assert report.anomalies == []
    told = Counter(fate for each in planned.values() for fate in each)
    assert all(told[fate] >= WORKERS for fate in fates)
    assert report.operations >= WORKERS * DOCUMENTS
    assert report.killed >= sum(told[fate] for fate in told if "killed" in fate)
