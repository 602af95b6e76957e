"""More workers than server connections: pgbouncer lends one for each transaction."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from sequences import Guarantee
from tests import databases
from tests.bouncers import BouncerUnavailableError, PgBouncer
from tests.sequences.faults.fates import fates_of, plan
from tests.sequences.faults.scene import Scene
from tests.sequences.marks import DATABASE, on_postgresql
from tests.servers import PostgreSQL

WORKERS = 5
SERVER_CONNECTIONS = 2
DOCUMENTS = 30
STRIKE_S = 0.5

PATIENCE_S = 60

pytestmark = on_postgresql


@contextmanager
def behind_pgbouncer(directory: Path, **options: int) -> Iterator[Scene]:
    """A database behind pgbouncer; only the operator goes to it directly."""
    with ExitStack() as ends:
        server = databases.new_server("postgresql")
        ends.callback(server.remove)
        assert isinstance(server.start(), PostgreSQL)
        try:
            bouncer = PgBouncer(server, **options)
        except BouncerUnavailableError as error:
            pytest.skip(str(error))
        ends.callback(bouncer.remove)
        between = {"default": {"PORT": bouncer.start().port}, "operator": {}}
        yield Scene(directory, server, between).migrate()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Server connections that are fewer than workers, and closed when idle."""
    directory = tmp_path_factory.mktemp("shared")
    with behind_pgbouncer(directory, size=SERVER_CONNECTIONS, idle_s=1) as scene:
        yield scene


@pytest.mark.parametrize(
    ("strategy", "guarantee"),
    [
        ("Serial", Guarantee.SERIAL),
        ("InInsert", Guarantee.SERIAL),
        ("Impatient", Guarantee.SERIAL),
        ("Keyed", Guarantee.SERIAL),
        ("Grouped", Guarantee.GROUPED),
        ("PooledAhead", Guarantee.POOLED),
        ("Blocks", Guarantee.BLOCKS),
        ("Native", Guarantee.NATIVE),
    ],
)
def test_workers_that_share_connections_leave_what_was_promised(
    shared: Scene, strategy: str, guarantee: Guarantee
):
    """The laws of each guarantee hold where no statement knows its session.

    Workers die, and server connections, at chosen moments and at any.
    """
    fates = fates_of(guarantee, DATABASE)
    planned = plan(fates, workers=WORKERS, documents=DOCUMENTS)

    report = shared.play(strategy, planned, patience_s=PATIENCE_S, strike_s=STRIKE_S)

    print(f"{strategy} behind pgbouncer: {report}")
    assert report.anomalies == []
    assert report.operations >= WORKERS * DOCUMENTS
    told = Counter(fate for each in planned.values() for fate in each)
    to_be_killed = sum(told[fate] for fate in told if "killed" in fate)
    # Whose session ended before did not come to it.
    assert report.killed + report.ended >= to_be_killed


@pytest.mark.parametrize("sessions", [1, 2])
def test_nothing_needs_a_session_or_changes_it(tmp_path: Path, sessions: int):
    """All there is can be done where each transaction is in another session.

    And one server connection is enough for it, but for one thing: the first claim from
    a pool creates it on a connection of its own. Here it was replenished before.
    """
    with behind_pgbouncer(tmp_path, size=sessions, patience_s=10) as scene:
        told = scene.errand(sessions, PATIENCE_S)

    assert told.pop("sessions") == sessions
    assert told == {kind: [] for kind in told}
