"""The fixture ``stub`` for pytest, which finds it by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.testing import Stubs

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture
def stub() -> Generator[Stubs]:
    """Answers in the stead of services: ``stub(AllocateNumber).returns(value=7)``."""
    made = Stubs()
    yield made
    made.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test that passed fail if it has stubs that were not needed."""
    result = yield
    made = getattr(item, "funcargs", {}).get("stub")
    if isinstance(made, Stubs):
        made.verify()
    return result
