"""The one statement and the steps are two ways to the same numbers."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from hypothesis import example, given
from hypothesis import strategies as st

from sequences import AllocateNumber, AllocateNumbers, Sequence, SequenceExhausted
from sequences.arithmetic import HIGHEST
from sequences.counters import Counter, counter_for
from sequences.counters.postgresql import sessions_with_function
from sequences.models import Sequence as StoredSequence
from tests.sequences.marks import (
    DATABASE,
    autocommit,
    on_mariadb,
    on_postgresql,
)

Way = Callable[[], None]


def told(statement: str) -> Way:
    """Give what makes PostgreSQL go one of its ways at the next number."""

    def tell() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        sessions_with_function.clear()

    return tell


WAYS: dict[str, Way] = {"plainly": lambda: None}
if DATABASE == "postgresql":
    function = "sequences_advance(bigint,text,bigint,bigint,bigint,bigint,bigint)"
    WAYS = {
        "near": told("SET LOCAL sequences.is_far = 'no'"),
        "far": told("SET LOCAL sequences.is_far = 'yes'"),
        "without the function": told(f"DROP FUNCTION IF EXISTS {function}"),
    }


@pytest.fixture(scope="module", params=WAYS.values(), ids=WAYS.keys())
def go(request: pytest.FixtureRequest) -> Iterator[Way]:
    """Make the database go one of its ways, to be said before each number."""
    yield request.param
    sessions_with_function.clear()


small = st.integers(0, 20)
anything = small | st.integers(HIGHEST - 20, HIGHEST) | st.integers(0, HIGHEST)
steps = st.integers(1, 7) | st.integers(1, HIGHEST)


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    """A sequence without an end, with one, or with a loop; upwards, or downwards."""
    initial, increment = draw(anything), draw(steps)
    if draw(st.integers(0, 4)) == 0:
        return draw(downwards(initial))
    end = draw(st.sampled_from(["none", "max_value", "reset_value"]))
    if end == "max_value":
        limit = min(HIGHEST, initial + draw(anything))
        return Sequence("s", initial, increment=increment, max_value=limit)
    if end == "reset_value" and initial < HIGHEST:
        # A batch that loops is a tuple: not too long a loop.
        reset = min(HIGHEST, initial + draw(st.integers(1, 30)))
        return Sequence("s", initial, reset, increment=increment)
    return Sequence("s", initial, increment=increment)


@st.composite
def downwards(draw: st.DrawFn, initial: int) -> Sequence:
    """A sequence that counts down, to an end or around."""
    increment = -draw(steps)
    if initial and draw(st.booleans()):
        reset = max(-1, initial - draw(st.integers(1, 30)))
        return Sequence("s", initial, reset, increment=increment)
    least = max(0, initial - draw(anything))
    return Sequence("s", initial, increment=increment, min_value=least)


Outcome = tuple[list[object], int | None]


def outcome_of(
    go: Way,
    take: Callable[[int], object],
    sequence: Sequence,
    last: int | None,
    counts: list[int],
) -> Outcome:
    """Give what each call gave or was refused with, and where the counter stood."""
    outcomes: list[object] = []
    with transaction.atomic():
        if last is not None:
            StoredSequence.objects.create(name="s", last=last)
        for count in counts:
            go()
            try:
                outcomes.append(take(count))
            except SequenceExhausted as refusal:
                outcomes.append(str(refusal))
        stands_at = sequence.get_last_value()
        transaction.set_rollback(True)
    return outcomes, stands_at


@pytest.mark.django_db
@given(
    sequence=sequences(),
    last=st.none() | anything,
    counts=st.lists(st.integers(1, 12) | st.integers(1, 2**40), max_size=4),
)
@example(Sequence("s", 0, increment=2**62), None, [2, 1])
@example(Sequence("s", 0, increment=HIGHEST), 0, [1, 1])
@example(Sequence("s", HIGHEST), None, [1, 1])
@example(Sequence("s", 0, HIGHEST, increment=HIGHEST), 0, [1, 2])
@example(Sequence("s", 0, 3), HIGHEST, [1, 3, 4])
@example(Sequence("s", 1, max_value=3), 7, [1])
def test_the_same_numbers_by_one_statement_and_by_steps(
    go: Way, sequence: Sequence, last: int | None, counts: list[int]
):
    """Whatever is declared, stored and asked for: same numbers, counter, refusal."""

    def at_once(count: int) -> object:
        return AllocateNumbers.run(sequence=sequence, count=count).values

    def by_steps(count: int) -> object:
        return AllocateNumbers.run(sequence=sequence, count=count, nowait=True).values

    expected = outcome_of(go, by_steps, sequence, last, counts)
    assert outcome_of(go, at_once, sequence, last, counts) == expected


@pytest.mark.django_db
@given(sequence=sequences(), last=st.none() | anything)
def test_the_same_number_by_every_way(go: Way, sequence: Sequence, last: int | None):
    """One number: the service, a batch of one, and the steps through the ORM agree."""

    def one(_count: int) -> object:
        return AllocateNumber.run(sequence=sequence).value

    def of_a_batch(_count: int) -> object:
        return AllocateNumbers.run(sequence=sequence, count=1).values[0]

    def through_the_orm(_count: int) -> object:
        return Counter(sequence, connection).advance()

    expected = outcome_of(go, through_the_orm, sequence, last, [1, 1, 1])
    assert outcome_of(go, one, sequence, last, [1, 1, 1]) == expected
    assert outcome_of(go, of_a_batch, sequence, last, [1, 1, 1]) == expected


@autocommit
def test_in_autocommit_one_statement_is_all(
    django_assert_num_queries: Callable[..., object],
):
    """A number in autocommit costs one round trip, the first one too."""
    counter = counter_for(Sequence("s"))
    for expected in (1, 2):
        with django_assert_num_queries(1):
            assert counter.advance() == expected


@autocommit
def test_in_autocommit_the_end_is_told_as_in_a_transaction():
    """What one statement cannot do, the steps refuse in a transaction of their own."""
    few = Sequence("few", max_value=2)
    assert [few.get_next_value() for _ in range(2)] == [1, 2]
    with pytest.raises(SequenceExhausted) as refusal:
        few.get_next_value()
    assert str(refusal.value) == (
        "Sequence 'few' has no number left: it stands at 2 and ends at 2. "
        "Raise its limit, or start a new sequence."
    )
    assert not connection.in_atomic_block


@on_mariadb
@pytest.mark.django_db
def test_a_counter_beyond_what_others_can_hold():
    """MariaDB's column holds 64 bits: a counter above 2**63 - 1 is at its end."""
    StoredSequence.objects.bulk_create([StoredSequence(name="s", last=2**63)])
    with transaction.atomic(), pytest.raises(SequenceExhausted):
        AllocateNumber.run(sequence="s")


@on_postgresql
@autocommit
def test_the_same_name_in_another_schema_is_another_sequence():
    """Tenants with a schema each do not wait for each other."""
    locks = "SELECT classid, objid FROM pg_locks WHERE locktype = 'advisory'"
    seen = []
    for schema in ("public", "tenant"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA IF NOT EXISTS tenant")
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS tenant.sequences_sequence "
                "(LIKE public.sequences_sequence INCLUDING ALL)"
            )
            cursor.execute(f"SET LOCAL search_path TO {schema}, public")
            assert AllocateNumber.run(sequence="s").value == 1
            cursor.execute(locks)
            seen.append(cursor.fetchall())
            transaction.set_rollback(True)
    assert seen[0] != seen[1]
    assert [len(locks) for locks in seen] == [1, 1]
