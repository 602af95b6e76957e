"""What the tests of sequences share."""

import pytest

from sequences.testing import OtherSession


@pytest.fixture
def other(transactional_db: None):
    """A second session with the database under test."""
    with OtherSession() as session:
        yield session
