"""The fixtures ``stub`` and ``stepper`` for pytest, which finds them by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from services.testing import Steppers, Stubs

if TYPE_CHECKING:
    from collections.abc import Generator


# Kept with the test: its arguments lack what it took by request.getfixturevalue.
_STUBS: Final = pytest.StashKey[Stubs]()
_STEPPERS: Final = pytest.StashKey[Steppers]()


@pytest.fixture
def stub(request: pytest.FixtureRequest) -> Generator[Stubs]:
    """Answers in the stead of services: ``stub(AllocateNumber).returns(value=7)``."""
    made = request.node.stash[_STUBS] = Stubs()
    yield made
    made.close()


@pytest.fixture
def stepper(request: pytest.FixtureRequest) -> Steppers:
    """Steppers, shown if the test fails: ``stepper(AllocateNumber, sequence="a")``."""
    made = request.node.stash[_STEPPERS] = Steppers()
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test that passed fail if it has stubs that were not needed."""
    result = yield
    if _STUBS in item.stash:
        item.stash[_STUBS].verify()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show, below a test that failed, where its steppers stand."""
    report = yield
    if _STEPPERS in item.stash and call.when == "call" and report.failed:
        steppers = item.stash[_STEPPERS].steppers
        report.sections += [("stepper", str(each)) for each in steppers]
    return report
