"""Which errors of a database mean that another transaction stood in the way."""

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError

from sequences import (
    Conflict,
    Deadlock,
    LockBusy,
    LockTimeout,
    NoTransaction,
    Sequence,
    SequenceError,
)
from sequences.contention import contention_in, translated
from sequences.counters import counter_for


class DriverError(Exception):
    """What a driver raises; the attributes are those of one driver or another."""

    def __init__(self, **attributes: object) -> None:
        super().__init__()
        vars(self).update(attributes)


def by_django(error: Exception, *arguments: object) -> DatabaseError:
    """Give the error as Django raises it, with the driver's as its cause."""
    wrapped = OperationalError(*arguments)
    wrapped.__cause__ = error
    return wrapped


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (by_django(DriverError(sqlstate="40001")), Conflict),
        (by_django(DriverError(sqlstate="40P01")), Deadlock),
        (by_django(DriverError(sqlstate="55P03")), LockTimeout),
        (by_django(DriverError(pgcode="40001")), Conflict),
        (by_django(DriverError(), 1213, "Deadlock found"), Deadlock),
        (by_django(DriverError(sqlstate="40001"), 1213, "Deadlock found"), Deadlock),
        (by_django(DriverError(), 1205, "Lock wait timeout exceeded"), LockTimeout),
        (by_django(DriverError(), 3572, "NOWAIT is set"), LockTimeout),
        (by_django(DriverError(), 1020, "Record has changed"), Conflict),
        (by_django(DriverError(sqlite_errorcode=5)), LockTimeout),
        (by_django(DriverError(sqlite_errorcode=262)), LockTimeout),
        (by_django(DriverError(sqlite_errorcode=517)), Conflict),
        (Deadlock("invoices", "default"), Deadlock),
    ],
)
def test_contention(error: DatabaseError, kind: type[SequenceError]):
    """Each driver's way of saying it is understood."""
    assert contention_in(error) is kind


@pytest.mark.parametrize(
    "error",
    [
        by_django(DriverError(sqlstate="23505")),
        by_django(DriverError(), 1062, "Duplicate entry"),
        by_django(DriverError(), "40001"),
        by_django(DriverError(sqlite_errorcode=19)),
        IntegrityError(),
        NoTransaction("invoices", "default"),
        LockBusy("invoices", "default"),
    ],
)
def test_no_contention(error: DatabaseError):
    """Anything else is not taken for it, and so is not repeated."""
    assert contention_in(error) is None


COUNTER = counter_for(Sequence("invoices", using="default"))
TIMED_OUT = by_django(DriverError(sqlstate="55P03"))


def test_a_translated_error_names_the_sequence_and_keeps_its_cause():
    """The typed error has the facts; the database's own is its cause."""
    with pytest.raises(LockTimeout) as refusal, translated(COUNTER):
        raise TIMED_OUT
    assert (refusal.value.sequence, refusal.value.using) == ("invoices", "default")
    assert refusal.value.__cause__ is TIMED_OUT


def test_who_would_not_wait_finds_it_busy():
    """With nowait, a lock that is not free is no timeout but a LockBusy."""
    with pytest.raises(LockBusy), translated(COUNTER, nowait=True):
        raise TIMED_OUT


def test_a_typed_error_is_not_translated_again():
    """An error of an inner sequence goes through with its own name and notes."""
    inner = Deadlock("receipts", "default")
    with pytest.raises(Deadlock) as refusal, translated(COUNTER):
        raise inner
    assert refusal.value is inner


def test_other_errors_pass():
    """What is no contention passes as it is."""
    error = IntegrityError("duplicate key")
    with pytest.raises(IntegrityError) as refusal, translated(COUNTER):
        raise error
    assert refusal.value is error
