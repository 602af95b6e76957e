"""What every test session has, whatever it tests."""

import asyncio
import os

import hypothesis
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from sequences.registry import names_of_a_test
from tests import databases

# Not collected: one is for type checkers, the other measures.
collect_ignore = ["typing", "benchmarks"]

# A database and a busy machine make single examples slow; that is no finding.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")


def pytest_report_header() -> str:
    """Name the database under test, as it names itself."""
    name = settings.TEST_DATABASE
    return f"database: {databases.LABELS[name]} {databases.server_version(name)}"


@pytest.fixture(autouse=True)
def _names_in_columns():
    """Each test has columns in which nobody else's numbers are."""
    with names_of_a_test():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None):
    """Let processes started by tests open the very databases under test."""
    name = settings.TEST_DATABASE
    with pytest.MonkeyPatch.context() as patch:
        if variable := databases.VARIABLES.get(name):
            server, _, database = os.environ[variable].rpartition("/")
            patch.setenv(variable, f"{server}/test_{database}")
        yield
    # The thread of Django's sync code outlives the event loop that used it, and an open
    # connection in it would keep the database from being dropped.
    asyncio.run(sync_to_async(connections.close_all)())
