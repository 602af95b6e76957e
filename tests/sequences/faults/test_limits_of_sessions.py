"""A session is ended, or kept from ending, while it holds the number of a series."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from sequences import AllocateNumber, get_last_value
from sequences.testing import OtherSession
from tests.sequences.faults.sessions import (
    end,
    own_session,
    resolve_all_prepared,
    resolve_prepared,
)
from tests.sequences.marks import DATABASE, on_postgresql, with_row_locks

pytestmark = pytest.mark.django_db(transaction=True)

# The shortest that the databases know.
IDLE_IS_ENDED = {
    "postgresql": "SET idle_in_transaction_session_timeout = '1ms'",
    "mariadb": "SET SESSION idle_transaction_timeout = 1",
    "mysql": "SET SESSION wait_timeout = 1",
}

WAITING_IS_ENDED = {
    "postgresql": "SET statement_timeout = '1ms'",
    "mariadb": "SET SESSION max_statement_time = 0.001",
}


def allocate() -> int:
    """Take a number in a transaction of its own."""
    with transaction.atomic():
        return AllocateNumber.run(sequence="s").value


def execute(statement: str, *parameters: object) -> None:
    """Run a statement that gives nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@with_row_locks
def test_who_sleeps_on_a_number_loses_it(other: OtherSession):
    """The server ends a transaction that is idle; its number goes to who waited."""
    allocate()
    other.begin()
    other.run(lambda: AllocateNumber.run(sequence="s"))
    other.run(execute, IDLE_IS_ENDED[DATABASE])

    assert allocate() == 2

    with pytest.raises(DatabaseError):
        other.commit()
    assert get_last_value("s") == 2


@with_row_locks
@pytest.mark.skipif(DATABASE == "mysql", reason="MySQL limits the time of reads only.")
def test_who_may_not_wait_takes_nothing(other: OtherSession):
    """A statement that is ended while it waits leaves the series alone."""
    allocate()
    other.run(execute, WAITING_IS_ENDED[DATABASE])
    with transaction.atomic():
        AllocateNumber.run(sequence="s")
        with pytest.raises(DatabaseError):
            other.run(allocate)

    assert allocate() == 3


@with_row_locks
def test_an_ended_session_is_told_by_djangos_error(other: OtherSession):
    """Whatever statement meets the end first: callers need not know the driver."""
    end(other.run(own_session))

    with pytest.raises(DatabaseError):
        other.run(allocate)


@pytest.fixture
def prepared() -> Iterator[str]:
    """A number in a transaction that was prepared, and is nobody's any more."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_prepared_transactions")
        if cursor.fetchone() == ("0",):
            pytest.skip("The server keeps no prepared transactions.")
    name = "seriatim-test"
    with transaction.atomic():
        AllocateNumber.run(sequence="s")
        execute("PREPARE TRANSACTION %s", name)
    yield name
    resolve_all_prepared()  # if the test did not come to it


@on_postgresql
@pytest.mark.parametrize(("end", "number"), [("COMMIT", 2), ("ROLLBACK", 1)])
def test_a_prepared_transaction_is_waited_for(
    prepared: str, other: OtherSession, end: str, number: int
):
    """It holds the series, without a session, until somebody decides about it."""
    waiting = other.start(allocate)
    other.wait_until_blocked()
    resolve_prepared(prepared, end)

    assert waiting.result() == number
