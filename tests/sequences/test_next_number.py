"""NextNumber: drawn by PostgreSQL, inside of the INSERT."""

import django
import pytest
from django.db import DataError, IntegrityError, connection, transaction

from sequences import (
    ClaimNumber,
    Guarantee,
    InvalidSequence,
    NextNumber,
    ReplenishPool,
    Sequence,
    get_last_value,
)
from sequences.counters.postgresql import sessions_with_function
from sequences.models import Sequence as Counter
from sequences.pools.postgresql import sessions_with_source
from sequences.testing import OtherSession
from tests.documents.models import Document, Letter, Receipt
from tests.sequences.marks import DATABASE, autocommit, on_postgresql
from tests.sequences.series import series

PAPERS = series(Guarantee.POOLED)

elsewhere = pytest.mark.skipif(DATABASE == "postgresql", reason="About the others.")


def numbers() -> list[int | None]:
    """Give the numbers on documents, in the order of their making."""
    return list(Document.objects.order_by("pk").values_list("number", flat=True))


@on_postgresql
@autocommit
class TestInAnInsert:
    """Where it belongs."""

    def test_a_document_is_numbered_as_it_is_made(self):
        """One INSERT in autocommit draws the number and stores it."""
        made = Document.objects.create(number=NextNumber("s"))
        if django.VERSION < (6, 0):
            made.refresh_from_db(fields=["number"])
        assert made.number == 1
        assert get_last_value("s") == 1

    def test_a_row_that_is_refused_gives_its_number_back(self):
        """In autocommit, the statement that fails has drawn nothing."""
        Document.objects.create(number=1)
        with pytest.raises(IntegrityError):
            Document.objects.create(number=NextNumber("s"))
        assert get_last_value("s") is None

    def test_a_rollback_gives_the_number_back(self):
        """In a transaction the number belongs to it."""
        with transaction.atomic():
            Document.objects.create(number=NextNumber("s"))
            transaction.set_rollback(True)
        Document.objects.create(number=NextNumber("s"))
        assert numbers() == [1]

    def test_many_are_numbered_in_their_order(self):
        """bulk_create numbers its objects as they stand in the list."""
        Document.objects.bulk_create(
            [Document(day=day, number=NextNumber("s")) for day in (30, 10, 20)]
        )
        assert list(
            Document.objects.order_by("number").values_list("number", "day")
        ) == [(1, 30), (2, 10), (3, 20)]

    def test_it_counts_as_declared(self):
        """Start, step and loop are those of the sequence."""
        tens = Sequence("tens", initial_value=10, increment=10, reset_value=31)
        Document.objects.bulk_create([Document(number=NextNumber(tens))] * 3)
        assert numbers() == [10, 20, 30]
        assert tens.get_next_value() == 10

    def test_another_caller_waits_for_the_commit(self):
        """It queues with those who take numbers by services, and loses none."""
        with OtherSession() as other:
            with transaction.atomic():
                Document.objects.create(number=NextNumber("s"))
                waiting = other.start(
                    lambda: Document.objects.create(number=NextNumber("s"))
                )
                other.wait_until_blocked()
                transaction.set_rollback(True)
            waiting.result()
        assert numbers() == [1]

    def test_the_end_is_told_and_nothing_is_inserted(self):
        """Without a number left there is no document, and the counter has not moved."""
        few = Sequence("few", max_value=1)
        Document.objects.create(number=NextNumber(few))
        with pytest.raises(DataError, match="sequence 'few' has no number left"):
            Document.objects.create(number=NextNumber(few))
        assert numbers() == [1]
        assert few.get_last_value() == 1


@on_postgresql
@autocommit
@pytest.mark.usefixtures("fresh_source")
class TestOfAPool:
    """A number that is claimed in the INSERT waits for nobody."""

    def test_documents_are_numbered_as_they_are_made(self):
        """Also where this is the first use of the pool, and together with services."""
        Document.objects.create(number=NextNumber(PAPERS))
        with transaction.atomic():
            Document.objects.create(number=ClaimNumber.run(sequence=PAPERS).value)
        Document.objects.bulk_create([Document(number=NextNumber(PAPERS))] * 2)
        assert numbers() == [1, 2, 3, 4]

    def test_nobody_waits(self, other: OtherSession):
        """Two claim at once, and each has a number of his own."""
        other.begin()
        other.run(lambda: Document.objects.create(number=NextNumber(PAPERS)))
        Document.objects.create(number=NextNumber(PAPERS))
        other.commit()
        assert sorted(n for n in numbers() if n) == [1, 2]

    @pytest.mark.parametrize("how", ["rolled back", "refused"])
    def test_at_rest_no_number_is_missing(self, how: str):
        """What was not kept is given out again, once the pool is replenished."""
        there = Document.objects.create(number=NextNumber(PAPERS))
        if how == "rolled back":
            with transaction.atomic():
                Document.objects.create(number=NextNumber(PAPERS))
                transaction.set_rollback(True)
        else:
            with pytest.raises(IntegrityError):
                Document.objects.create(pk=there.pk, number=NextNumber(PAPERS))
        for _ in range(2):
            ReplenishPool.run(sequence=PAPERS)
        made = len(numbers())
        for _ in range(2):
            Document.objects.create(number=NextNumber(PAPERS))
        assert sorted(n for n in numbers() if n) == list(range(1, made + 3))

    def test_a_table_that_the_pool_does_not_know_is_refused(self):
        """What is drawn for it would be given out again."""
        with pytest.raises(InvalidSequence) as refusal:
            Letter.objects.create(number=NextNumber(PAPERS))
        assert str(refusal.value) == (
            "Sequence 'papers': its numbers are in 'documents.Document.number', and "
            "the INSERT goes to documents.Letter: the pool would take them for free. "
            "Declare a sequence for that."
        )

    def test_a_child_is_numbered_in_the_table_of_its_parent(self):
        """Where the pool looks, whichever of the two its column names."""
        Receipt.objects.create(number=NextNumber(PAPERS))
        assert numbers() == [1]

    def test_a_database_that_was_not_migrated_is_refused(self):
        """Without the function the refusal says what is to be done."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("DROP FUNCTION sequences_claim(text, text, bigint)")
            sessions_with_source.clear()
            for use in (
                lambda: Document.objects.create(number=NextNumber(PAPERS)),
                lambda: ClaimNumber.run(sequence=PAPERS),
            ):
                with pytest.raises(InvalidSequence) as refusal:
                    use()
                assert str(refusal.value) == (
                    "Sequence 'papers': database 'default' has no function "
                    "sequences_claim. Run migrate."
                )
            transaction.set_rollback(True)

    def test_the_end_is_told_and_nothing_is_inserted(self):
        """Though to others, who declare it so, the pool ends later."""
        for _ in range(2):
            Document.objects.create(number=NextNumber(PAPERS))
        short = series(Guarantee.POOLED, max_value=2)
        with pytest.raises(DataError, match="sequence 'papers' has no number left"):
            Document.objects.create(number=NextNumber(short))
        assert numbers() == [1, 2]


@on_postgresql
@pytest.mark.django_db
class TestElsewhere:
    """Where a number could be drawn and not be kept."""

    def test_an_update_is_refused(self):
        """An UPDATE that waited computes its row twice."""
        with pytest.raises(InvalidSequence) as refusal:
            Document.objects.update(number=NextNumber("s"))
        assert str(refusal.value) == (
            "Sequence 's': NextNumber stands in an INSERT alone: elsewhere a number "
            "can be drawn twice for one row. Take it with AllocateNumber."
        )

    def test_a_query_is_refused(self):
        """A SELECT that draws would lose what it drew."""
        with pytest.raises(InvalidSequence, match="stands in an INSERT alone"):
            Document.objects.filter(number=NextNumber("s"))

    def test_an_insert_that_may_skip_rows_is_refused(self):
        """A skipped row has drawn a number that nobody bears."""
        with pytest.raises(InvalidSequence) as refusal:
            Document.objects.bulk_create(
                [Document(number=NextNumber("s"))], ignore_conflicts=True
            )
        assert str(refusal.value) == (
            "Sequence 's': an INSERT that skips or updates rows in conflict loses the "
            "numbers drawn for them. Leave ignore_conflicts and update_conflicts out."
        )

    def test_a_sequence_of_another_database_is_refused(self):
        """The number would not be part of the transaction of the row."""
        with pytest.raises(InvalidSequence) as refusal:
            Document.objects.create(number=NextNumber(Sequence("s", using="other")))
        assert str(refusal.value) == (
            "Sequence 's': it counts on database 'other', and the INSERT goes to "
            "'default'. Take the number with AllocateNumber."
        )

    def test_a_sequence_that_routers_send_elsewhere_is_refused(self, settings):
        """It is the same sequence to AllocateNumber, and counts there."""

        class Router:
            def db_for_write(self, model, **_):
                return "other" if model is Counter else None

        settings.DATABASE_ROUTERS = [Router()]
        with pytest.raises(InvalidSequence) as refusal:
            Document.objects.create(number=NextNumber("s"))
        assert str(refusal.value) == (
            "Sequence 's': it counts on database 'other', and the INSERT goes to "
            "'default'. Take the number with AllocateNumber."
        )

    def test_a_database_that_was_not_migrated_is_refused(self):
        """Without the function the refusal says what is to be done."""
        function = "sequences_advance(bigint,text,bigint,bigint,bigint,bigint,bigint)"
        sessions_with_function.clear()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP FUNCTION {function}")
        with pytest.raises(InvalidSequence) as refusal:
            Document.objects.create(number=NextNumber("s"))
        sessions_with_function.clear()
        assert str(refusal.value) == (
            "Sequence 's': database 'default' has no function sequences_next. "
            "Run migrate."
        )


def test_other_guarantees_are_refused():
    """Numbers of memory, or of a database's own sequence, are not drawn so."""
    blocks = Sequence("s", guarantee=Guarantee.BLOCKS)
    with pytest.raises(InvalidSequence, match="declared as BLOCKS, not as SERIAL"):
        NextNumber(blocks)


def test_a_series_of_many_counters_is_refused():
    """Which of them is told by of()."""
    yearly = Sequence("s", period="year", format="{period:%Y}-{value:03d}")
    with pytest.raises(InvalidSequence, match="it has many counters"):
        NextNumber(yearly)


@elsewhere
@pytest.mark.django_db
def test_other_databases_are_refused():
    """What no other database can do is not done halfway."""
    with pytest.raises(InvalidSequence) as refusal:
        Document.objects.create(number=NextNumber("s"))
    assert str(refusal.value) == (
        f"Sequence 's': NextNumber is drawn by PostgreSQL, and database 'default' is "
        f"{connection.display_name}. Take the number with AllocateNumber."
    )
