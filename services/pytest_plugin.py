"""The fixtures ``stub`` and ``stepper`` for pytest, which finds them by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.testing import Steppers, Stubs

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture
def stub() -> Generator[Stubs]:
    """Answers in the stead of services: ``stub(AllocateNumber).returns(value=7)``."""
    made = Stubs()
    yield made
    made.close()


@pytest.fixture
def stepper() -> Steppers:
    """Steppers, shown if the test fails: ``stepper(AllocateNumber, sequence="a")``."""
    return Steppers()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test that passed fail if it has stubs that were not needed."""
    result = yield
    made = getattr(item, "funcargs", {}).get("stub")
    if isinstance(made, Stubs):
        made.verify()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show, below a test that failed, where its steppers stand."""
    report = yield
    made = getattr(item, "funcargs", {}).get("stepper")
    if isinstance(made, Steppers) and call.when == "call" and report.failed:
        report.sections += [("stepper", str(each)) for each in made.steppers]
    return report
