"""The second session, as far as it is not told by the tests that use it."""

import gc

import pytest
from django.db import transaction

from sequences import get_next_value
from sequences.errors import LockBusy
from sequences.testing import OtherSession

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_session_left_behind_does_not_hold_up_the_other(other: OtherSession):
    """While a session waits, the test's thread can collect what its errors held."""
    with transaction.atomic():
        get_next_value("s")
        with pytest.raises(LockBusy):
            other.run(get_next_value, "s", nowait=True)
        waiting = other.start(get_next_value, "s")
        other.wait_until_blocked()
        gc.collect()
        assert not waiting.is_done()
    assert waiting.result() == 2
