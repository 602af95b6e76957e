import uuid
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.db.models import Count, F, QuerySet, Value
from django.utils import timezone

from sequences import (
    Guarantee,
    InsideTransaction,
    InvalidSequence,
    NumberPending,
    Sequence,
    SequenceExhausted,
)
from sequences.counters import counter_for
from sequences.groups import group_of
from sequences.groups.postgresql import numberings
from sequences.models import PooledNumber
from sequences.models import Sequence as Counter
from sequences.testing import OtherSession
from services import InputError
from tests.documents.models import (
    Claim,
    Document,
    Letter,
    Page,
    Receipt,
    Two,
    Visit,
    visit_numbers,
)
from tests.sequences.faults.sessions import end, own_session
from tests.sequences.marks import on_postgresql, with_row_locks
from tests.sequences.series import hide_documents, series

pytestmark = pytest.mark.django_db(transaction=True)

PAPERS = series(Guarantee.GROUPED)


def numbers(order: str = "pk") -> list[int | None]:
    """Give the numbers of all documents, in an order."""
    return list(Document.objects.order_by(order).values_list("number", flat=True))


def make(*days: int) -> list[Document]:
    """Make a document without a number for each day."""
    return [Document.objects.create(day=day) for day in days]


def test_pending_documents_are_numbered_in_the_order_asked_for():
    """Numbers follow the order of the query set, and go on from the last."""
    make(3, 1, 2)

    first = NumberPending.run(sequence=PAPERS, pending=Document.objects.order_by("day"))
    make(9, 8)
    NumberPending.run(sequence=PAPERS, pending=Document.objects.order_by("-day"))

    assert first.count == 3
    assert numbers() == [3, 1, 2, 4, 5]


def test_an_order_may_be_turned_round():
    """As the query set gives its rows."""
    make(3, 1, 2)

    NumberPending.run(
        sequence=PAPERS, pending=Document.objects.order_by("day", "-pk").reverse()
    )

    assert numbers() == [1, 3, 2]


@pytest.mark.parametrize("how", ["distinct", "aggregated", "combined"])
def test_rows_that_cannot_be_locked_are_refused(how: str):
    """On every database, also where it would go well."""
    make(1)
    pending = Document.objects.distinct()
    if how == "aggregated":
        pending = Document.objects.annotate(count=Count("pages"))
    if how == "combined":
        pending = Document.objects.union(Document.objects.all())

    with pytest.raises(InvalidSequence) as refusal:
        NumberPending.run(sequence=PAPERS, pending=pending)

    assert str(refusal.value) == (
        "Sequence 'papers': pending must give each document as it is, neither distinct "
        "nor aggregated nor combined: such rows cannot be locked. Filter by a "
        "subquery, such as Exists(...)."
    )


def test_a_step_of_several_is_kept():
    """Each number is one increment after the one before, from the initial value on."""
    make(1, 2, 3)
    tens = series(Guarantee.GROUPED, initial_value=10, increment=10)

    NumberPending.run(sequence=tens, pending=Document.objects.order_by("day"))

    assert numbers() == [10, 20, 30]


def test_nothing_pending_takes_nothing():
    """A run that finds no document leaves no trace of a counter."""
    done = NumberPending.run(sequence=PAPERS, pending=Document.objects.all())

    assert (done.count, done.value) == (0, None)
    assert not Counter.objects.exists()


@pytest.mark.parametrize("empty", ["none", "in"])
def test_what_can_find_nothing_takes_nothing(empty: str):
    """A query set that Django does not even ask the database is one like any other."""
    [mine] = make(1)
    found = Document.objects.none()
    if empty == "in":
        found = Document.objects.filter(pk__in=[])

    done = NumberPending.run(sequence=PAPERS, pending=found, document=mine.pk)

    assert (done.count, done.value) == (0, None)
    assert numbers() == [None]


def test_a_query_set_may_be_used_again():
    """Each run numbers what is there then, though what is sent was made before."""
    pending = Document.objects.order_by("day")
    for days in ((2, 1), (4, 3)):
        make(*days)
        NumberPending.run(sequence=PAPERS, pending=pending)

    assert numbers() == [2, 1, 4, 3]


@on_postgresql
class TestWhatIsKept:
    """The statement that is made of a query set is kept with it."""

    def test_it_is_made_once(self):
        """And used by each run, as long as the query set lives."""
        pending = Document.objects.order_by("pk")
        made = []
        for _ in range(2):
            make(1)
            NumberPending.run(sequence=PAPERS, pending=pending)
            made += numberings[pending].values()

        first, second = made
        assert first is second
        assert numbers() == [1, 2]

    def test_it_is_that_of_the_sequence(self):
        """Two that are called the same, and count differently, have one each."""
        pending = Document.objects.order_by("pk")
        make(1)
        NumberPending.run(sequence=PAPERS, pending=pending)
        make(1)
        tens = series(Guarantee.GROUPED, increment=10)
        NumberPending.run(sequence=tens, pending=pending)

        assert numbers() == [1, 11]

    def test_it_is_that_of_the_column(self):
        """Of a child model the number may be another than that of its parent."""
        pending = Two.objects.order_by("pk")
        Two.objects.create()
        for column in ("one", "other"):
            sequence = Sequence(
                "two", guarantee=Guarantee.GROUPED, column=f"documents.Two.{column}"
            )
            NumberPending.run(sequence=sequence, pending=pending)

        assert list(Two.objects.values_list("one", "other")) == [(1, 2)]

    def test_it_is_that_of_the_time_zone(self):
        """In which a lookup of days is made."""
        late = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)
        Visit.objects.create(at=late)
        pending = Visit.objects.filter(at__date=date(2026, 5, 5)).order_by("pk")
        counts = []
        for zone in ("UTC", "Europe/Paris"):
            with timezone.override(zone):
                run = NumberPending.run(
                    sequence=visit_numbers.of(on=late), pending=pending
                )
            counts.append(run.count)

        assert counts == [0, 1]

    def test_not_all_are_kept(self, monkeypatch: pytest.MonkeyPatch):
        """Of a series with very many parts."""
        monkeypatch.setattr("sequences.groups.postgresql.MOST_KEPT", 2)
        pending = Visit.objects.order_by("pk")
        for year in range(2020, 2026):
            Visit.objects.create(at=datetime(year, 5, 4, tzinfo=UTC))

        done = NumberPending.run(sequence=visit_numbers, pending=pending)

        assert done.count == 6
        assert len(numberings[pending]) <= 2


@with_row_locks
def test_of_two_who_are_the_first_at_once_the_second_repeats(other: OtherSession):
    """Neither finds a counter; both number, and both are numbered."""
    theirs, mine = make(1, 2)
    other.begin()
    other.run(
        lambda: group_of(
            counter_for(PAPERS), Document.objects.filter(pk=theirs.pk), theirs.pk
        ).take_part()
    )
    done = follow(other, mine, Document.objects.filter(pk=mine.pk))

    assert (done.count, done.value) == (1, 2)


def test_a_clash_that_is_nobody_s_first_is_told_as_it_is():
    """Where a number is on a document already, and the counter does not know."""
    Sequence("others", column=PAPERS.column)  # whose numbers they may be, so no look
    make(1)
    Document.objects.create(number=1)

    with pytest.raises(IntegrityError):
        NumberPending.run(sequence=PAPERS, pending=Document.objects.filter(number=None))


def test_a_column_of_texts_is_refused():
    """A group writes numbers, and would leave out what is printed around them."""
    texts = Sequence(
        "texts",
        format="B-{value:04d}",
        guarantee=Guarantee.GROUPED,
        column="documents.Claim.code",
    )
    with pytest.raises(InvalidSequence, match=r"'documents.Claim.code' holds text"):
        NumberPending.run(sequence=texts, pending=Claim.objects.all())


def test_what_its_base_manager_hides_is_numbered_as_well(monkeypatch):
    """Which documents are pending, the query set alone tells."""
    make(1, 2)
    pending = Document.objects.order_by("day")
    hide_documents(monkeypatch)

    done = NumberPending.run(
        sequence=PAPERS, pending=pending, document=pending.latest("day").pk
    )

    assert (done.count, done.value) == (2, 2)


def test_a_document_may_be_given_as_it_is():
    """Or by its key; one that is not stored has none."""
    [mine] = make(1)
    pending = Document.objects.order_by("day")

    assert NumberPending.run(sequence=PAPERS, pending=pending, document=mine).value == 1
    with pytest.raises(InputError, match="has no primary key yet: save it first"):
        NumberPending.run(sequence=PAPERS, pending=pending, document=Document())


def test_the_second_run_finds_nothing_to_do():
    """A document that has its number keeps it."""
    make(1, 2)

    runs = [
        NumberPending.run(sequence=PAPERS, pending=Document.objects.order_by("day"))
        for _ in range(2)
    ]

    assert [run.count for run in runs] == [2, 0]
    assert numbers() == [1, 2]


def test_only_what_the_query_set_selects_is_numbered():
    """A document outside of the query set stays without a number."""
    make(1, 2, 3)

    NumberPending.run(sequence=PAPERS, pending=Document.objects.exclude(day=2))

    assert numbers() == [1, None, 2]


def test_the_caller_learns_his_own_number():
    """The run gives the number of the document that its caller names."""
    _, mine = make(1, 2)

    done = NumberPending.run(
        sequence=PAPERS, pending=Document.objects.order_by("day"), document=mine.pk
    )

    assert (done.count, done.value) == (2, 2)


@pytest.mark.parametrize("told", [uuid.UUID, str])
def test_the_document_is_told_by_its_key(told: Callable[[Any], object]):
    """Whatever kind of key that is, as Django takes it, and whatever its column."""
    mine, _ = Letter.objects.create(), Letter.objects.create()
    letters = Sequence(
        "letters", guarantee=Guarantee.GROUPED, column="documents.Letter.number"
    )

    done = NumberPending.run(
        sequence=letters, pending=Letter.objects.all(), document=told(str(mine.pk))
    )

    mine.refresh_from_db()
    assert (done.count, done.value) == (2, mine.number)


def test_a_number_may_be_in_the_table_of_a_parent():
    """Documents of a child model are numbered where their number is stored."""
    receipts = Sequence(
        "receipts", guarantee=Guarantee.GROUPED, column="documents.Receipt.number"
    )
    first, second = Receipt.objects.create(day=2), Receipt.objects.create(day=1)
    Document.objects.create()

    done = NumberPending.run(
        sequence=receipts, pending=Receipt.objects.order_by("day"), document=first.pk
    )

    assert (done.count, done.value) == (2, 2)
    assert numbers() == [2, 1, None]
    second.refresh_from_db()
    assert second.number == 1


def test_documents_with_a_composite_key_are_refused():
    """Rows that no single column tells apart are not numbered in groups."""
    column = "sequences.PooledNumber.value"
    pairs = Sequence("pairs", guarantee=Guarantee.GROUPED, column=column)
    with pytest.raises(InvalidSequence) as refused:
        NumberPending.run(sequence=pairs, pending=PooledNumber.objects.all())
    assert str(refused.value) == (
        "Sequence 'pairs': documents with a composite primary key cannot be numbered "
        "in groups. Declare another guarantee."
    )


def test_who_has_his_number_is_done():
    """A run for a document that has its number leaves the others to their callers."""
    mine, _ = make(1, 2)
    NumberPending.run(sequence=PAPERS, pending=Document.objects.filter(pk=mine.pk))

    done = NumberPending.run(
        sequence=PAPERS, pending=Document.objects.all(), document=mine.pk
    )

    assert (done.count, done.value) == (0, 1)
    assert numbers() == [1, None]


def test_more_documents_than_numbers_is_all_or_nothing():
    """Where the numbers do not suffice, no document gets one, and none is taken."""
    make(1, 2, 3)
    short = series(Guarantee.GROUPED, max_value=2)

    with pytest.raises(SequenceExhausted) as refusal:
        NumberPending.run(sequence=short, pending=Document.objects.all())

    assert refusal.value.left == 2
    assert numbers() == [None, None, None]
    assert not Counter.objects.exists()


def test_inside_a_transaction_it_is_refused():
    """A group that could roll back with somebody's transaction is not numbered."""
    make(1)

    with transaction.atomic(), pytest.raises(InsideTransaction):
        NumberPending.run(sequence=PAPERS, pending=Document.objects.all())

    assert numbers() == [None]


@pytest.mark.parametrize("what", ["a slice", "another model"])
def test_only_a_whole_query_set_of_the_documents_is_taken(what: str):
    """Rows of another model, or a slice, which has no filter, are refused."""
    pending = Document.objects.all()[:1] if what == "a slice" else Counter.objects.all()

    with pytest.raises(InvalidSequence) as refusal:
        NumberPending.run(sequence=PAPERS, pending=pending)

    assert str(refusal.value) == (
        "Sequence 'papers': pending must be a query set of Document, and not a slice "
        "of one."
    )


@pytest.mark.parametrize("ordered", [(), ("pages__pk",)])
def test_a_document_that_comes_twice_is_refused(ordered: tuple[str, ...]):
    """A join that gives a document once for each of its rows would leave gaps."""
    document, *_ = make(1, 2)
    Page.objects.bulk_create([Page(document=document) for _ in range(2)])
    pending = Document.objects.order_by(*ordered)

    with pytest.raises(InvalidSequence) as refusal:
        NumberPending.run(
            sequence=PAPERS,
            pending=pending if ordered else pending.filter(pages__pk__gt=0),
        )

    assert str(refusal.value) == (
        "Sequence 'papers': pending gives a document twice. Filter by a subquery, such "
        "as Exists(...), instead of a join."
    )
    assert numbers() == [None, None]
    assert not Counter.objects.exists()


def test_a_join_that_gives_each_document_once_is_taken():
    """What counts is what comes out of it."""
    document, _ = make(1, 2)
    Page.objects.create(document=document)

    done = NumberPending.run(
        sequence=PAPERS, pending=Document.objects.filter(pages__pk__gt=0)
    )

    assert done.count == 1
    assert numbers() == [1, None]


def test_a_document_that_is_not_there_has_no_number():
    """On every database; the others are numbered."""
    [document] = make(1)

    done = NumberPending.run(
        sequence=PAPERS, pending=Document.objects.all(), document=document.pk + 1
    )

    assert (done.count, done.value) == (1, None)


@on_postgresql
def test_another_error_of_the_data_is_told_as_it_is():
    """Only a sequence that has run out is said to have run out."""
    make(0)
    pending = Document.objects.order_by(Value(1) / F("day"))

    with pytest.raises(DataError, match="division by zero") as error:
        NumberPending.run(sequence=PAPERS, pending=pending)

    assert not isinstance(error.value, SequenceExhausted)


def issue() -> int | None:
    """Make a document, and have it numbered."""
    made = Document.objects.create()
    pending = Document.objects.order_by("pk")
    run = NumberPending.run(sequence=PAPERS, pending=pending, document=made.pk)
    return run.value


@with_row_locks
def test_what_is_not_committed_waits_for_the_next_run(other: OtherSession):
    """A document in an open transaction is not numbered, and not waited for."""
    other.begin()
    other.run(Document.objects.create, day=1)
    make(2)

    NumberPending.run(sequence=PAPERS, pending=Document.objects.order_by("day"))
    before = numbers("day")
    other.commit()
    NumberPending.run(sequence=PAPERS, pending=Document.objects.order_by("day"))

    assert before == [1]
    assert numbers("day") == [2, 1]


@with_row_locks
def test_the_next_run_numbers_what_a_crash_left(other: OtherSession):
    """A run that is ended while it numbers leaves no number, and no gap."""
    _, second, _ = make(1, 2, 3)
    other.begin()
    other.run(Document.objects.select_for_update().get, pk=second.pk)

    with OtherSession() as leader:
        session = leader.run(own_session)
        run = leader.start(
            NumberPending.run,
            sequence=PAPERS,
            pending=Document.objects.order_by("day"),
        )
        leader.wait_until_blocked()
        end(session)
        with pytest.raises(DatabaseError):
            run.result()
    other.commit()
    before = numbers()
    NumberPending.run(sequence=PAPERS, pending=Document.objects.order_by("day"))

    assert before == [None, None, None]
    assert numbers() == [1, 2, 3]


@on_postgresql
def test_a_document_that_vanishes_leaves_no_gap(other: OtherSession):
    """One that is deleted while the group waits for it gets no number."""
    first, *_ = make(1, 2, 3)
    other.begin()
    other.run(Document.objects.filter(pk=first.pk).delete)

    with OtherSession() as leader:
        run = leader.start(
            NumberPending.run,
            sequence=PAPERS,
            pending=Document.objects.order_by("day"),
        )
        leader.wait_until_blocked()
        other.commit()
        run.result()

    assert numbers() == [1, 2]


def lead(other: OtherSession) -> None:
    """Let another number what is pending, and not commit."""
    pending = Document.objects.order_by("pk")
    other.begin()
    other.run(lambda: group_of(counter_for(PAPERS), pending, None).take_part())


def follow(
    leader: OtherSession, mine: Document, pending: QuerySet[Document] | None = None
) -> NumberPending.outputs:
    """Come while another leads; give what was done when he has committed."""
    pending = Document.objects.order_by("pk") if pending is None else pending
    with OtherSession() as follower:
        run = follower.start(
            NumberPending.run, sequence=PAPERS, pending=pending, document=mine.pk
        )
        follower.wait_until_blocked()
        leader.commit()
        return run.result()


@on_postgresql
def test_the_follower_finds_his_document_numbered(other: OtherSession):
    """Who comes while another numbers waits for him, and then has nothing to do."""
    mine = Document.objects.create()
    lead(other)
    done = follow(other, mine)

    assert (done.count, done.value) == (0, 1)


@on_postgresql
def test_who_comes_waits_for_who_leads(other: OtherSession):
    """Also for one who has found nothing to number, and holds nothing else."""
    lead(other)
    mine = Document.objects.create()
    done = follow(other, mine)

    assert (done.count, done.value) == (1, 1)


@pytest.mark.parametrize("sessions", [4])
def test_all_who_come_at_once_are_numbered_without_a_gap(sessions: int):
    """Concurrent callers each get their own number, and together all of them."""
    with ExitStack() as stack:
        others = [stack.enter_context(OtherSession()) for _ in range(sessions)]
        pending = [other.start(issue) for other in others for _ in range(10)]
        given = [call.result() for call in pending]

    assert sorted(n for n in given if n) == list(range(1, sessions * 10 + 1))
