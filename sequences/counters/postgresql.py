"""PostgreSQL: waiters queue on a light lock, then move the row, in one statement."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from django.db import connections

from sequences.contention import translated
from sequences.counters.one_statement import (
    OneStatementCounter,
    parameters_of,
    when_aligned,
)
from sequences.cursors import first_row
from sequences.errors import LockBusy
from sequences.quoting import composed

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from sequences.arithmetic import Progression
    from sequences.counters.base import Counter
    from sequences.counters.highest import Highest

# Waiters of one sequence queue on a light lock, in order, before they touch the row:
# on the row itself each commit would wake all of them to fight for it. The lock is the
# transaction's, so it is safe behind pgbouncer in transaction mode. The table is part
# of its key: the same name in another schema is another sequence.
#
# The functions are those of migration 0005.
ADVANCE: Final = """
    SELECT sequences_advance(%(queue)s, %(name)s, %(first)s, %(step)s,
                             %(loop_from)s, %(initial)s, %(highest)s)
     WHERE {aligned}
"""

# The same inside of another statement, which fails if there is no number left.
NEXT: Final = "sequences_next(%s, %s, %s, %s, %s, %s, %s)"
NEXT_TAKES: Final = (
    "queue",
    "name",
    "first",
    "step",
    "loop_from",
    "initial",
    "highest",
)

# The same where that migration did not run: in a project's tests without migrations,
# and in a database that only django-sequences has prepared. The lock is taken in the
# row that is to be inserted, so before anything else, and costs the planner nothing.
ADVANCE_ALONE: Final = """
    INSERT INTO {table} AS counter (name, last)
         SELECT CASE WHEN pg_advisory_xact_lock(
                              %(queue)s # '{table}'::regclass::int8) IS NOT NULL
                     THEN %(name)s END, %(first)s
          WHERE {aligned}
    ON CONFLICT (name)
  DO UPDATE SET last = CASE WHEN counter.last >= %(loop_from)s THEN %(initial)s
                            ELSE counter.last + %(step)s END
          WHERE counter.last <= %(highest)s
      RETURNING last
"""

ADVANCE_FUNCTION: Final = (
    "sequences_advance(bigint,text,bigint,bigint,bigint,bigint,bigint)"
)

HAS_FUNCTION: Final = "SELECT to_regprocedure(%s) IS NOT NULL"

# The queue alone, for the steps: also where there is no row yet to be locked.
JOIN_QUEUE: Final = (
    "SELECT pg_advisory_xact_lock(%(queue)s # '{table}'::regclass::int8)"
)

# The same without waiting: true if nobody else was in it.
JOIN_EMPTY_QUEUE: Final = (
    "SELECT pg_try_advisory_xact_lock(%(queue)s # '{table}'::regclass::int8)"
)


@lru_cache(maxsize=1024)
def queue_of(name: str) -> int:
    """Give the advisory lock of a sequence: 64 bits of its name, in our own space."""
    digest = blake2b(name.encode(), digest_size=8, person=b"sequences").digest()
    return int.from_bytes(digest, signed=True)


class PostgreSQLCounter(OneStatementCounter):
    """A counter row behind an advisory lock."""

    def hold(self, *, nowait: bool = False) -> None:
        """Queue: all others of this package do."""
        with translated(self, nowait=nowait):
            self._join_queue(nowait=nowait)

    def _select_for_update(self, *, nowait: bool) -> int | None:
        """Queue, then lock the row against writers who know nothing of the queue."""
        self._join_queue(nowait=nowait)
        return super()._select_for_update(nowait=nowait)

    def _join_queue(self, *, nowait: bool) -> None:
        statement = self.quoted(JOIN_EMPTY_QUEUE if nowait else JOIN_QUEUE)
        with self.connection.cursor() as cursor:
            cursor.execute(statement, {"queue": queue_of(self.sequence.sequence_name)})
            if nowait and not cursor.fetchone()[0]:
                raise LockBusy(self.sequence.sequence_name, self.using)

    def _move(self, count: int) -> int | None:
        known = has_function(self.connection)
        statement = when_aligned(self, ADVANCE if known else ADVANCE_ALONE)
        row = first_row(self.connection, bound_statement(self, statement, count))
        return None if row is None else row[0]


def aligned(counter: Counter) -> str:
    """Give what tells that no document is ahead of a counter, as SQL."""
    return bound_statement(counter, when_aligned(counter, "{aligned}"), 1)


def bound_statement(counter: Counter, statement: str, count: int) -> str:
    """
    Give a statement with its parameters in it, quoted by the driver.

    To quote them anew for each number would cost as much as a tenth of it.
    """
    sequence = counter.sequence
    what = sequence.sequence_name, sequence.progression, count, counter.highest
    return _bound(counter.using, statement, what)


@lru_cache(maxsize=1024)
def _bound(
    using: str, statement: str, what: tuple[str, Progression, int, Highest | None]
) -> str:
    name, *_ = what
    parameters = parameters_of(*what) | {"queue": queue_of(name)}
    return composed(connections[using], statement, parameters)


sessions_with_function: Final[WeakKeyDictionary[Any, bool]] = WeakKeyDictionary()
"""What the sessions that were asked have answered."""


def has_function(connection: BaseDatabaseWrapper) -> bool:
    """
    Tell whether the database has the function; it is asked once a connection.

    By the driver, past Django: whoever counts the queries of a test counts his own.
    """
    if connection.connection is None:
        connection.ensure_connection()
    session = connection.connection
    found = sessions_with_function.get(session)
    if found is None:
        with connection.wrap_database_errors, session.cursor() as cursor:
            cursor.execute(HAS_FUNCTION, [ADVANCE_FUNCTION])
            [found] = cursor.fetchone()
        sessions_with_function[session] = found
    return found
