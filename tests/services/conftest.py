"""What several files of these tests share."""

import pytest

from tests.services import ways


@pytest.fixture(params=["run", "arun", "arun, async methods"])
def each_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """Test a sync run, a sync service in an event loop, and an async service."""
    ways.take(request.param, monkeypatch)
