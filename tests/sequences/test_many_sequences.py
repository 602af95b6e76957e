"""Ten thousand sequences: one of them costs what it costs alone."""

import pytest
from django.db import connection, transaction

from sequences import get_last_value, get_next_value
from sequences.models import Sequence
from tests.sequences.draws import allocate
from tests.sequences.marks import DATABASE, autocommit, on_postgresql

pytestmark = autocommit

MANY = 10_000


def add_many() -> None:
    """Add counters on either side of that of 's'."""
    counters = [
        Sequence(name=f"{side}{n}", last=n) for n in range(MANY) for side in "rt"
    ]
    Sequence._base_manager.bulk_create(counters, batch_size=1_000)
    with connection.cursor() as cursor:  # as servers do it by themselves in time
        cursor.execute(ANALYZE[DATABASE])


ANALYZE = {
    "sqlite": "ANALYZE sequences_sequence",
    "postgresql": "ANALYZE sequences_sequence",
    "mariadb": "ANALYZE TABLE sequences_sequence",
    "mysql": "ANALYZE TABLE sequences_sequence",
}

# What a session has read so far, by the database's own count.
READ = {
    "postgresql": """
        SELECT sum(seq_tup_read + idx_tup_fetch)
          FROM pg_stat_xact_user_tables
         WHERE relname = 'sequences_sequence'
    """,
    "mariadb": """
        SELECT sum(variable_value)
          FROM information_schema.session_status
         WHERE variable_name LIKE 'HANDLER_READ%'
    """,
    "mysql": """
        SELECT sum(variable_value)
          FROM performance_schema.session_status
         WHERE variable_name LIKE 'Handler_read%'
    """,
}


def rows_read(*, nowait: bool) -> int:
    """Tell how many rows a number reads; on SQLite, how many steps it takes."""
    with transaction.atomic(), connection.cursor() as cursor:
        if DATABASE == "sqlite":
            steps: list[int] = []
            connection.connection.set_progress_handler(lambda: steps.append(1), 1)
            allocate("s", nowait=nowait)
            connection.connection.set_progress_handler(None, 0)
            return len(steps)
        cursor.execute(READ[DATABASE])
        [before] = cursor.fetchone()
        allocate("s", nowait=nowait)
        cursor.execute(READ[DATABASE])
        [after] = cursor.fetchone()
        return int(after) - int(before)


@pytest.mark.parametrize("nowait", [False, True], ids=["one statement", "steps"])
def test_a_number_reads_what_it_reads_alone(*, nowait: bool):
    """Its own row, however many others there are."""
    get_next_value("s")
    alone = rows_read(nowait=nowait)
    add_many()
    assert rows_read(nowait=nowait) == alone > 0


@on_postgresql
def test_from_the_end_of_the_table_no_other_counter_is_moved():
    """Where a session looks backwards, what is not there is not its neighbour."""
    for _ in range(5):
        get_next_value("a")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL sequences.is_far = 'yes'")
        assert allocate("b") == 1
    assert get_last_value("a") == 5
