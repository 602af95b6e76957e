"""
Draw and reclaim: numbers from a native sequence; those of rolled-back ones come back.

A draw waits for nobody. Which numbers were drawn by transactions that have ended, and
are on no document, is certain by this argument:

1. A draw takes its transaction id *before* its number (``sequences_claim``).
2. MARK reads the number drawn last, w, and only then takes a transaction id of its own,
   X. Ids are given in order, so every transaction that drew a number up to w has an id
   below X. (The upper end of a snapshot would not do for X: a transaction with just
   that id may be running.)
3. Once the oldest running transaction is younger than X, all of them have ended. What
   is then on no document, up to w, was rolled back, or skipped by a crash.

SETTLE does step 3 once for each range, behind a stored watermark: a document deleted
later does not free its number. Prepared transactions count as running.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from django.db import DataError, connections, transaction
from django.db.models import F, Max

from sequences.beside import beside
from sequences.contention import has_reached_its_end, translated
from sequences.counters import counter_for
from sequences.counters.base import stored
from sequences.counters.postgresql import HAS_FUNCTION, queue_of
from sequences.cursors import first_row
from sequences.errors import InvalidSequence, LockTimeout
from sequences.membership import documents_of, require_numbers, require_told
from sequences.pools.base import Pool
from sequences.quoting import composed

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

    from sequences.errors import SequenceExhausted

# The function is that of migration 0004. It stands alone, or in an INSERT.
CLAIM: Final = "sequences_claim(%s, %s, %s)"

CLAIM_FUNCTION: Final = "sequences_claim(text,text,bigint)"

# Two who are the first to claim must not both create the source.
ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(%(queue)s)"

# Where a source ends, and whether its pool has a row. The view pg_sequences would lock
# each source as a draw does, and so be in the way of MOVE_END.
FIND_SOURCE: Final = """
      SELECT seqmax, EXISTS (SELECT FROM {pool} WHERE name = %(name)s)
        FROM pg_sequence
       WHERE seqrelid = to_regclass(quote_ident(%(source)s))
"""

CREATE_SOURCE: Final = """
CREATE SEQUENCE {source} AS bigint
      INCREMENT BY {increment:d} START WITH {start:d}
         MINVALUE -1 MAXVALUE {limit:d} NO CYCLE CACHE 1
"""

# Moving the end waits for all who have drawn and are not done, and who comes then waits
# for it: not for long, since one of them may wait for us.
HAVE_PATIENCE: Final = "SET LOCAL lock_timeout = '2s'"

MOVE_END: Final = """
ALTER SEQUENCE {source} MAXVALUE {limit:d}
"""

# The number drawn last; none yet is written as the one before the first.
DRAWN: Final = """
      SELECT CASE WHEN is_called THEN last_value
                  ELSE last_value - %(increment)s END
        FROM {source}
"""

# A source that is older than its row of the pool keeps what it gave out so far.
CREATE_POOL: Final = """
 INSERT INTO {pool} (name, settled)
      VALUES (%(name)s, %(drawn)s)
 ON CONFLICT (name) DO NOTHING
"""

# A statement of its own, after DRAWN was read: only then is its id above all drawers'.
# An id that this server has not given yet is another's, whose row was restored here.
MARK: Final = """
      UPDATE {pool}
         SET drawn = %(drawn)s,
             horizon = pg_current_xact_id()::text::bigint
       WHERE name = %(name)s
         AND (horizon IS NULL AND settled < %(drawn)s
              OR horizon >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
"""

# One settles at a time; it waits until all transactions up to the horizon have ended.
DUE: Final = """
      SELECT settled, drawn
        FROM {pool}
       WHERE name = %(name)s
         AND horizon < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
         FOR UPDATE
"""

# A statement of its own after DUE: its snapshot sees what those transactions left.
SETTLE: Final = """
 INSERT INTO {pooled_number} (name, value)
      SELECT %s, value
        FROM generate_series(%s::bigint + %s, %s, %s) AS value
       WHERE NOT EXISTS (SELECT FROM ({documents}) AS documents
                          WHERE documents.number_on_it = value)
 ON CONFLICT (name, value) DO NOTHING
"""

SETTLED: Final = """
      UPDATE {pool}
         SET settled = drawn, drawn = NULL, horizon = NULL
       WHERE name = %(name)s
"""

sessions_with_source: Final[WeakKeyDictionary[Any, set[tuple[str, int]]]] = (
    WeakKeyDictionary()
)
"""In which sessions a source was seen, and with which last number."""


@lru_cache(maxsize=1024)
def source_of(name: str) -> str:
    """Name the native sequence of a pool: any text has one, none clash."""
    return f"sequences_pool_{blake2b(name.encode(), digest_size=12).hexdigest()}"


@lru_cache(maxsize=1024)
def claim_from(using: str, *parameters: object) -> str:
    """Give CLAIM with its parameters in it, which are the same for each number."""
    return composed(connections[using], f"SELECT {CLAIM}", parameters)


class DrawAndReclaim(Pool):
    """A native sequence, and the numbers that came back."""

    @property
    def source(self) -> str:
        """The name of the native sequence."""
        return source_of(self.sequence.sequence_name)

    def claim(self) -> int:
        """Take a number that came back, else draw the next; wait for nobody."""
        self._prepare()
        statement = claim_from(self.using, *self._parameters)
        try:
            with translated(self):
                value: int = first_row(self.connection, statement)[0]
        except DataError as error:
            if not has_reached_its_end(error):
                raise
            raise self._exhausted() from error
        return value

    def claim_within(self) -> tuple[str, tuple[object, ...]]:
        """Give what claims in the middle of another statement; it claims nothing."""
        self._prepare()
        return CLAIM, self._parameters

    @property
    def _parameters(self) -> tuple[object, ...]:
        """Those of CLAIM."""
        sequence = self.sequence
        return sequence.sequence_name, self.source, sequence.progression.limit

    def _exhausted(self) -> SequenceExhausted:
        sessions_with_source.pop(self.connection.connection, None)
        return self.sequence.exhausted(self.sequence.progression.limit, 1, 0)

    def replenish(self) -> int:
        """Settle what was marked, if it is due, and mark what was drawn since."""
        self._prepare(anew=True)  # whatever became of it since
        freed = self._settle()
        with self.connection.cursor() as cursor:
            drawn = self._drawn(cursor)
            self._execute(cursor, MARK, drawn=drawn)
        return freed

    def _settle(self) -> int:
        sequence = self.sequence
        with (
            transaction.atomic(using=self.using),
            self.connection.cursor() as cursor,
        ):
            self._execute(cursor, DUE)
            due = cursor.fetchone()
            if due is None:
                return 0
            settled, drawn = due
            numbers, of_part = self._numbers_on_documents()
            step = sequence.increment
            drawn_since = (sequence.sequence_name, settled, step, drawn, step)
            statement = self._sql(SETTLE, documents=numbers)
            cursor.execute(statement, (*drawn_since, *of_part))
            freed: int = cursor.rowcount
            self._execute(cursor, SETTLED)
        return freed

    def _numbers_on_documents(self) -> tuple[str, tuple[Any, ...]]:
        """Give a query of them, and its parameters."""
        number = F(self.sequence.documents().field)
        documents = documents_of(self.sequence, self.using).order_by()
        rows = documents.annotate(number_on_it=number).values("number_on_it")
        sql, parameters = rows.query.get_compiler(self.using).as_sql()
        return sql, tuple(parameters)

    def _prepare(self, *, anew: bool = False) -> None:
        """Create the source and the row of the pool, where this is the first use."""
        self.connection.ensure_connection()
        session = self.connection.connection
        seen = sessions_with_source.setdefault(session, set())
        wanted = self.source, self.sequence.progression.limit
        if wanted in seen and not anew:
            return
        require_numbers(self.sequence)
        require_told(self.sequence)
        # By the driver, past Django: whoever counts the queries of a test counts his.
        with self.connection.wrap_database_errors, session.cursor() as cursor:
            cursor.execute(HAS_FUNCTION, [CLAIM_FUNCTION])
            if not cursor.fetchone()[0]:
                reason = f"database {self.using!r} has no function sequences_claim."
                name = self.sequence.sequence_name
                raise InvalidSequence(name, f"{reason} Run migrate.")
            found = self._found(cursor)
        end = found[0] if found is not None and found[1] else None
        if end is None or end < wanted[1]:
            try:
                beside(self._create, self.using)
            except LockTimeout:
                if end is None:
                    raise
                return  # Who holds it may be waiting for us: it ends as it did so far.
        seen.add(wanted)

    def _create(self) -> None:
        """Create what is missing, and let the source end no earlier than declared."""
        limit = self.sequence.progression.limit
        source = self.connection.ops.quote_name(self.source)
        with (
            translated(self),
            transaction.atomic(using=self.using),
            self.connection.cursor() as cursor,
        ):
            cursor.execute(HAVE_PATIENCE)
            cursor.execute(ONE_AT_A_TIME, {"queue": queue_of(self.source)})
            found = self._found(cursor)
            if found is None:
                start = self.sequence.after(self.stood_at())
                step = self.sequence.increment
                cursor.execute(
                    CREATE_SOURCE.format(
                        source=source, increment=step, start=start, limit=limit
                    )
                )
            elif found[0] < limit:
                cursor.execute(MOVE_END.format(source=source, limit=limit))
            self._execute(cursor, CREATE_POOL, drawn=self._drawn(cursor))

    def stood_at(self) -> int | None:
        """Tell behind which number a new source begins, also if one was dropped."""
        last = counter_for(self.sequence).read()
        pools = stored("Pool")._base_manager.using(self.using)
        row = pools.filter(name=self.sequence.sequence_name).first()
        if row is None:
            return last
        field = self.sequence.documents().field
        documents = documents_of(self.sequence, self.using)
        highest = documents.aggregate(highest=Max(field))["highest"]
        known = (last, row.settled, row.drawn, highest)
        return max(number for number in known if number is not None)

    def _found(self, cursor: Any) -> tuple[int, bool] | None:
        cursor.execute(
            self._sql(FIND_SOURCE),
            {"name": self.sequence.sequence_name, "source": self.source},
        )
        found: tuple[int, bool] | None = cursor.fetchone()
        return found

    def _drawn(self, cursor: CursorWrapper) -> int:
        statement = self._sql(DRAWN, source=self.source)
        cursor.execute(statement, {"increment": self.sequence.increment})
        drawn: int = cursor.fetchone()[0]
        return drawn

    def _execute(self, cursor: CursorWrapper, statement: str, **more: Any) -> None:
        parameters = {"name": self.sequence.sequence_name, **more}
        cursor.execute(self._sql(statement), parameters)
