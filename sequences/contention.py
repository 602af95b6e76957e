"""What a database says when another transaction is in the way, as our typed errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import DatabaseError, transaction

from sequences.errors import (
    Conflict,
    Deadlock,
    LockBusy,
    LockTimeout,
    SequenceError,
)

if TYPE_CHECKING:
    from sequences.counters.base import Counter
    from sequences.pools.base import Pool

Contention = type[Deadlock] | type[LockTimeout] | type[Conflict]

# PostgreSQL, Appendix A "Error Codes"; also CockroachDB and YugabyteDB.
_BY_SQLSTATE: Final[dict[str, Contention]] = {
    "40001": Conflict,  # serialization_failure
    "40P01": Deadlock,  # deadlock_detected
    "55P03": LockTimeout,  # lock_not_available
}

# MySQL and MariaDB, "Server Error Message Reference".
_BY_MYSQL_CODE: Final[dict[int, Contention]] = {
    1020: Conflict,  # record has changed since last read (snapshot isolation)
    1205: LockTimeout,  # lock wait timeout exceeded, or NOWAIT on MariaDB
    1213: Deadlock,  # deadlock found; on Galera a certification failure at commit
    3572: LockTimeout,  # NOWAIT is set, on MySQL
}

# SQLite, "Result and Error Codes": BUSY and, for a shared cache, LOCKED. A read
# transaction that wants to write after somebody else did is BUSY_SNAPSHOT.
_BY_SQLITE_CODE: Final[dict[int, Contention]] = {
    5: LockTimeout,
    6: LockTimeout,
    517: Conflict,
}


def contention_in(error: DatabaseError) -> Contention | None:
    """Tell which kind of contention a database error is, or None if it is none."""
    if isinstance(error, Conflict | Deadlock | LockTimeout):
        return type(error)
    code = error.args[0] if error.args else None
    if isinstance(code, int):  # first, since to MySQL a deadlock's SQLSTATE is 40001
        return _BY_MYSQL_CODE.get(code)
    sqlstate = sqlstate_of(error)
    if sqlstate in _BY_SQLSTATE:
        return _BY_SQLSTATE[sqlstate]
    sqlite_code = getattr(error.__cause__, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return _BY_SQLITE_CODE.get(sqlite_code, _BY_SQLITE_CODE.get(sqlite_code & 0xFF))
    return None


def sqlstate_of(error: DatabaseError) -> str:
    """Give PostgreSQL's code of an error; empty if it is none of PostgreSQL's."""
    driver = error.__cause__
    return getattr(driver, "sqlstate", None) or getattr(driver, "pgcode", None) or ""


def has_reached_its_end(error: DatabaseError) -> bool:
    """Tell whether PostgreSQL refused because a sequence has no value left."""
    return sqlstate_of(error) == "2200H"  # sequence_generator_limit_exceeded


class translated:
    """
    Raise contention as a typed error that names the sequence; let the rest pass.

    All but :class:`LockBusy` end the transaction, on every database: MariaDB rolls
    back silently on a deadlock, and what came after it would be committed alone.

    :param source: where the number comes from.
    :param nowait: whether waiting was not wanted, so that a busy lock is no timeout.
    """

    __slots__ = ("nowait", "source")

    def __init__(self, source: Counter | Pool, *, nowait: bool = False) -> None:
        self.source = source
        self.nowait = nowait

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _: object, error: BaseException | None, traceback: object
    ) -> None:
        if not isinstance(error, DatabaseError) or isinstance(error, SequenceError):
            return
        kind = contention_in(error)
        if kind is None:
            return
        name, using = self.source.sequence.sequence_name, self.source.using
        if self.nowait and kind is LockTimeout:
            raise LockBusy(name, using) from error
        if self.source.connection.in_atomic_block:
            transaction.set_rollback(True, using=using)
        raise kind(name, using) from error
