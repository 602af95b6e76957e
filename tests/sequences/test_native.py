"""The databases' own sequences: drawn from, and adopted with all their parameters."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import DatabaseError, connection

from sequences import (
    AdoptNative,
    BlockAllocator,
    CounterBehind,
    DrawNumber,
    Guarantee,
    InvalidSequence,
    Sequence,
)
from sequences import native as native_sequences
from sequences.quoting import identifier
from tests.sequences.marks import (
    DATABASE,
    autocommit,
    on_postgresql,
    on_sqlite,
    with_sequences,
)


@pytest.fixture
def native():
    """Make sequences of the database named "n", gone after the test."""

    def make(options: str, drawn: int = 0) -> Sequence:
        with connection.cursor() as cursor:
            cursor.execute("DROP SEQUENCE IF EXISTS n")
            cursor.execute(f"CREATE SEQUENCE n {options}")
        own = Sequence("n", guarantee=Guarantee.NATIVE)
        for _ in range(drawn):
            DrawNumber.run(sequence=own)
        return own

    yield make
    with connection.cursor() as cursor:
        cursor.execute("DROP SEQUENCE IF EXISTS n")


WAYS_TO_COUNT = [
    "START WITH 1",
    "START WITH 5 INCREMENT BY 5",
    "START WITH 5 INCREMENT BY 5 MINVALUE 2 MAXVALUE 12 CYCLE",
    "START WITH 2 MINVALUE 2 MAXVALUE 4 CYCLE",
    "START WITH 20 INCREMENT BY -3 MINVALUE 1 MAXVALUE 100",
    "START WITH 3 INCREMENT BY -1 MINVALUE 0 MAXVALUE 5 CYCLE",
]
# MariaDB takes its cache for drawn: nothing can tell what of it was.
NO_CACHE = "NOCACHE" if DATABASE == "mariadb" else ""


@with_sequences
@autocommit
@pytest.mark.parametrize("drawn", [0, 1, 2, 4])
@pytest.mark.parametrize("options", WAYS_TO_COUNT)
@pytest.mark.parametrize("guarantee", [Guarantee.BLOCKS, Guarantee.SERIAL])
def test_it_goes_on_as_the_native_one_would(native, options, drawn, guarantee):
    """Start, step up or down, least, most, cycle: the next numbers are the same."""
    own = native(f"{options} {NO_CACHE}", drawn)
    adopted = AdoptNative.run(name="n", guarantee=guarantee, block_size=4).sequence
    expected = until_the_end(lambda: DrawNumber.run(sequence=own).value)
    if guarantee is Guarantee.SERIAL:
        assert until_the_end(adopted.get_next_value) == expected
    else:
        with BlockAllocator(adopted) as allocator:
            assert until_the_end(allocator.take) == expected


def until_the_end(draw: Callable[[], int]) -> list[int]:
    """Give the next numbers, five or as many as there are."""
    numbers: list[int] = []
    with suppress(DatabaseError):
        numbers.extend(draw() for _ in range(5))
    return numbers


@with_sequences
@autocommit
def test_it_may_be_adopted_again(native):
    """The counter moves forward only, in the direction in which it counts."""
    own = native(f"START WITH 9 INCREMENT BY -1 MINVALUE 1 MAXVALUE 9 {NO_CACHE}", 2)
    adopted = AdoptNative.run(name="n", guarantee=Guarantee.SERIAL).sequence
    DrawNumber.run(sequence=own)
    AdoptNative.run(name="n", guarantee=Guarantee.SERIAL)
    assert adopted.get_last_value() == 7
    assert [adopted.get_next_value() for _ in range(2)] == [6, 5]
    with pytest.raises(CounterBehind):
        AdoptNative.run(name="n", guarantee=Guarantee.SERIAL)
    assert adopted.get_last_value() == 5


@with_sequences
@autocommit
def test_what_counts_below_zero_is_refused(native):
    """A counter cannot hold it."""
    native("START WITH -5 MINVALUE -10")
    with pytest.raises(InvalidSequence, match="initial_value must be between 0"):
        AdoptNative.run(name="n")


ODD_NAMES = ["nobody", "no.body", 'no"body', "no`body", "100 %s", "documents_document"]


@with_sequences
@autocommit
@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize(
    "use",
    [
        lambda name: AdoptNative.run(name=name),
        lambda name: DrawNumber.run(
            sequence=Sequence(name, guarantee=Guarantee.NATIVE)
        ),
    ],
    ids=["adopted", "drawn"],
)
def test_a_name_that_no_sequence_has_is_refused(use, name):
    """The refusal says where it was looked for; a table is no sequence."""
    with pytest.raises(InvalidSequence) as refusal:
        use(name)
    assert str(refusal.value) == (
        f"Sequence {name!r}: database 'default' has no sequence of that name."
    )


@with_sequences
@autocommit
@pytest.mark.parametrize("name", ODD_NAMES[:-1])
def test_any_name_is_quoted(name):
    """Quotes and percent signs are part of it."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SEQUENCE {identifier(connection, name)}")
    own = Sequence(name, guarantee=Guarantee.NATIVE)
    try:
        assert [DrawNumber.run(sequence=own).value for _ in range(2)] == [1, 2]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SEQUENCE {identifier(connection, name)}")


@on_postgresql
@autocommit
@pytest.mark.parametrize("first", ["aside", "public"])
def test_of_two_schemas_the_same_is_read_and_drawn_from(first: str):
    """The first on the search path: what another of the name gave tells nothing."""
    second = {"aside": "public", "public": "aside"}[first]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA aside")
        try:
            for schema, drawn in ((second, 5), (first, 100)):
                cursor.execute(f"CREATE SEQUENCE {schema}.n")
                cursor.execute(f"SELECT setval('{schema}.n', {drawn})")
            cursor.execute(f"SET search_path = {first}, {second}")
            assert native_sequences.read("n", "default").last == 100
            assert native_sequences.draw("n", "default") == 101
        finally:
            cursor.execute("SET search_path = public")
            cursor.execute("DROP SCHEMA aside CASCADE")
            cursor.execute("DROP SEQUENCE IF EXISTS public.n")


@on_sqlite
@pytest.mark.django_db
def test_a_database_without_sequences_is_refused():
    """SQLite has none."""
    with pytest.raises(InvalidSequence) as refusal:
        AdoptNative.run(name="n")
    assert str(refusal.value) == (
        "Sequence 'n': database 'default' (SQLite) has no sequences."
    )
