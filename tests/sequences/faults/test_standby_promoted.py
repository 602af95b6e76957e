"""The server dies, and its standby is promoted while the workers go on."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from sequences import Guarantee
from tests import databases
from tests.sequences.faults.fates import fates_of, plan
from tests.sequences.faults.scene import Scene
from tests.sequences.faults.standby import Failover
from tests.sequences.faults.test_guarantees import STRATEGIES
from tests.sequences.marks import DATABASE, on_postgresql
from tests.servers import PostgreSQL

WORKERS = 4
DOCUMENTS = 50

CRASH_AFTER = WORKERS * DOCUMENTS // 2
PATIENCE_S = 120

pytestmark = on_postgresql


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """A server with its tables, stopped: what all others begin as."""
    server = databases.new_server("postgresql", durable=True)
    assert isinstance(server, PostgreSQL)
    try:
        Scene(tmp_path_factory.mktemp("original"), server.start()).migrate()
        server.stop()
        yield server
    finally:
        server.remove()


@contextmanager
def failover(
    original: PostgreSQL, directory: Path, *, is_synchronous: bool
) -> Iterator[Failover]:
    """Start a server and its standby, synchronous or not."""
    with ExitStack() as ends:
        pair = [PostgreSQL(original.search_path, durable=True) for _ in range(2)]
        for server in pair:
            ends.callback(server.remove)
        scene = Failover(directory, *pair, is_synchronous=is_synchronous)
        scene.start(original)
        yield scene


@pytest.mark.parametrize(("strategy", "guarantee"), STRATEGIES)
def test_a_promoted_synchronous_standby_has_all_that_was_acknowledged(
    original: PostgreSQL, tmp_path: Path, strategy: str, guarantee: Guarantee
):
    """Where a commit waits until the standby has it, the laws hold over the failover.

    What nobody was told of may be there or not; its number is given out again if not.
    """
    planned = plan(fates_of(guarantee, DATABASE), workers=WORKERS, documents=DOCUMENTS)

    with failover(original, tmp_path, is_synchronous=True) as scene:
        report = scene.play(
            strategy, planned, patience_s=PATIENCE_S, crash_after=CRASH_AFTER
        )

    print(f"{strategy}, synchronous: {report}")
    assert report.anomalies == []
    assert report.operations >= WORKERS * DOCUMENTS


def test_a_promoted_asynchronous_standby_loses_what_was_acknowledged(
    original: PostgreSQL, tmp_path: Path
):
    """The same failover, where no commit waits, breaks a law, and it is told.

    The table alone does not tell it: the lost numbers are given out again.
    """
    planned = {f"w{worker}": ["well"] * DOCUMENTS for worker in range(WORKERS)}

    with failover(original, tmp_path, is_synchronous=False) as scene:
        report = scene.play(
            "Serial", planned, patience_s=PATIENCE_S, crash_after=CRASH_AFTER
        )

    print(f"Serial, asynchronous: {report}")
    assert any("was acknowledged to" in each for each in report.anomalies)
    assert report.acknowledged > report.documents
    assert report.missing == 0
