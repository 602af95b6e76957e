"""What the tests of sequences share."""

import pytest
from django.db import connection

from sequences import Guarantee, get_next_value
from sequences.pools.postgresql import sessions_with_source
from sequences.testing import OtherSession
from tests.sequences.series import drop_source, series


@pytest.fixture
def other(transactional_db: None):
    """A second session with the database under test."""
    with OtherSession() as session:
        yield session


@pytest.fixture
def newest_rows(transactional_db: None):
    """A server that writes to the newest row, whatever the snapshot: no conflict."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'")
        if cursor.fetchone() == ("innodb_snapshot_isolation", "ON"):
            pytest.skip("This MariaDB keeps to its snapshot.")


@pytest.fixture(params=[None, 1], ids=["first", "later"])
def last(request: pytest.FixtureRequest, transactional_db: None) -> int | None:
    """The last number: there is none yet, or there is one."""
    if request.param is not None:
        get_next_value("s")
    number: int | None = request.param
    return number


@pytest.fixture
def fresh_source(transactional_db: None) -> None:
    """A pool begins anew: its native sequence outlives the tables."""
    if connection.vendor == "postgresql":
        drop_source(series(Guarantee.POOLED))
        sessions_with_source.clear()
