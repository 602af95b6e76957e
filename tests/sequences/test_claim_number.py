import re
from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from sequences import (
    ClaimNumber,
    Conflict,
    Guarantee,
    InsideTransaction,
    InvalidSequence,
    NoTransaction,
    ReplenishPool,
    Sequence,
    SequenceExhausted,
    SetCounter,
    allocate,
    retry_on_conflict,
)
from sequences.models import Pool, PooledNumber
from sequences.models import Sequence as Counter
from sequences.pools.postgresql import DrawAndReclaim
from sequences.registry import sequences_with_pool
from sequences.testing import OtherSession
from tests.documents.models import Document
from tests.sequences.marks import (
    autocommit,
    on_mariadb,
    on_postgresql,
    with_isolation_levels,
    with_row_locks,
)
from tests.sequences.series import drop_source, hide_documents, issue, series

pytestmark = [autocommit, pytest.mark.usefixtures("fresh_source")]


@pytest.fixture
def papers(request: pytest.FixtureRequest):
    """A pooled sequence."""
    return series(Guarantee.POOLED, block_size=3)


def documents() -> list[int | None]:
    """Give the numbers that are on documents."""
    return list(Document.objects.order_by("number").values_list("number", flat=True))


def test_numbers_are_unique_and_begin_at_the_initial_value(papers):
    """Committed claims take the numbers of the sequence, each once."""
    assert [issue(papers) for _ in range(7)] == [1, 2, 3, 4, 5, 6, 7]


def test_at_rest_no_number_is_missing(papers):
    """A number that rolled back is given out again once the pool is replenished."""
    for fails in (False, True, False, True, False):
        issue(papers, fails=fails)

    for _ in range(2):
        ReplenishPool.run(sequence=papers)
    while len(documents()) < 5:
        issue(papers)

    assert documents() == [1, 2, 3, 4, 5]


def replenished(*names: str) -> str:
    """Run the command, and give what it wrote."""
    out = StringIO()
    call_command("replenish_pools", *names, stdout=out)
    return out.getvalue()


@with_row_locks
def test_a_command_replenishes(papers):
    """What rolled back is free after it ran, as after the service."""
    for fails in (False, True, True):
        issue(papers, fails=fails)

    told = [replenished("papers") for _ in range(2)]
    while len(documents()) < 3:
        issue(papers)

    assert documents() == [1, 2, 3]
    assert all(re.fullmatch(r" *\d+  papers\n", each) for each in told)


def test_the_command_knows_pools_only(papers):
    """A name that no pool has is refused, before any pool is touched."""
    with pytest.raises(CommandError) as refusal:
        call_command("replenish_pools", "papers", "papres")
    assert str(refusal.value).startswith(
        "No sequence 'papres' is declared as POOLED in the project. Declared so: "
    )
    assert "papers" in str(refusal.value)
    assert not PooledNumber.objects.exists()


def test_the_command_takes_all_pools(papers):
    """Without a name it looks after each that is declared."""
    assert papers in sequences_with_pool()
    assert re.findall(r"^ *\d+  (papers)$", replenished(), re.MULTILINE)


def test_allocate_claims_for_a_pool(papers):
    """allocate() takes the number of a pooled sequence from its pool."""
    with transaction.atomic():
        assert allocate(papers) == 1


def test_outside_of_a_transaction_it_is_refused(papers):
    """A number that could not roll back is not claimed."""
    with pytest.raises(NoTransaction):
        ClaimNumber.run(sequence=papers)


def test_replenishing_inside_a_transaction_is_refused(papers):
    """What must be committed at once is not done in a transaction."""
    with transaction.atomic(), pytest.raises(InsideTransaction):
        ReplenishPool.run(sequence=papers)


def test_a_pool_has_an_end():
    """Behind the last number nothing is claimed."""
    short = series(Guarantee.POOLED, max_value=1, block_size=1)
    issue(short)

    with pytest.raises(SequenceExhausted):
        issue(short)

    assert documents() == [1]


def test_a_pool_gives_out_its_last_numbers():
    """What is left before the end is claimed, also where it is no whole block."""
    short = series(Guarantee.POOLED, max_value=3, block_size=2)

    assert [issue(short) for _ in range(3)] == [1, 2, 3]


def test_the_end_can_be_moved():
    """A pool gives out the numbers up to the end that is declared now."""
    for limit in (2, 4, 3):
        short = series(Guarantee.POOLED, max_value=limit, block_size=1)
        with suppress(SequenceExhausted):
            while len(documents()) < 5:
                issue(short)

    assert documents() == [1, 2, 3, 4]


@on_postgresql
def test_each_session_looks_whether_there_is_a_source(papers):
    """What was seen in one database or schema is not taken for that of another."""
    issue(papers)
    drop_source(papers)

    with OtherSession() as elsewhere:
        assert elsewhere.run(allocated, papers) == 2


@on_postgresql
def test_a_source_that_was_dropped_goes_on_behind_the_documents(papers):
    """Made anew, it gives out no number again that is on one."""
    for _ in range(3):
        issue(papers)
    drop_source(papers)

    ReplenishPool.run(sequence=papers)

    assert issue(papers) == 4


@on_postgresql
def test_a_pool_of_a_dump_is_settled_in_a_younger_cluster(papers):
    """There no transaction has the number yet that the old one wrote down."""
    issue(papers, fails=True)
    ReplenishPool.run(sequence=papers)
    Pool.objects.update(horizon=10**15)

    assert sum(ReplenishPool.run(sequence=papers).freed for _ in range(3)) == 1


@on_postgresql
def test_a_document_that_its_manager_hides_keeps_its_number(papers, monkeypatch):
    """What is not seen through it is there all the same."""
    hide_documents(monkeypatch)
    issue(papers)
    for _ in range(3):
        ReplenishPool.run(sequence=papers)

    assert issue(papers) == 2


@on_postgresql
def test_a_pool_of_texts_is_refused_and_keeps_no_other_waiting(papers):
    """Which of its numbers are on documents, no text tells."""
    texts = Sequence("a text", guarantee=Guarantee.POOLED, column="documents.Bill.code")
    with transaction.atomic(), pytest.raises(InvalidSequence) as refusal:
        ClaimNumber.run(sequence=texts)
    issue(papers)
    Pool.objects.create(name="a text", settled=0)

    with pytest.raises(CommandError):
        replenished("a text", "papers")

    assert str(refusal.value) == (
        "Sequence 'a text': it is declared as POOLED, and 'documents.Bill.code' holds "
        "text. Declare the column of the number itself."
    )
    assert Pool.objects.get(name="papers").drawn == 1


@with_row_locks
def test_the_counter_of_a_pool_that_has_begun_is_not_set(papers):
    """It would tell a next number, and the pool would give another one."""
    issue(papers)
    with transaction.atomic(), pytest.raises(InvalidSequence, match="pool has begun"):
        SetCounter.run(sequence=papers, last=100_000)
    assert issue(papers) == 2


@on_postgresql
def test_who_declares_an_earlier_end_leaves_it_to_the_others(papers):
    """Old and new processes run side by side while a project is renewed."""
    few = series(Guarantee.POOLED, max_value=2)
    many = series(Guarantee.POOLED, max_value=5)
    for number in (1, 2, 3):
        ReplenishPool.run(sequence=few)
        assert issue(many) == number

    with pytest.raises(SequenceExhausted):
        issue(few)
    assert issue(many) == 5


@on_postgresql
def test_nobody_waits_long_for_an_end_to_be_moved(papers):
    """While somebody has drawn and is not done it ends where it did; then it moves."""
    with transaction.atomic():
        allocate(series(Guarantee.POOLED, max_value=3))
        with OtherSession() as newer:
            more = series(Guarantee.POOLED, max_value=4)
            assert newer.run(allocated, more) == 2

    assert [issue(more) for _ in range(2)] == [3, 4]


def allocated(papers) -> int:
    """Claim a number for no document."""
    with transaction.atomic():
        return allocate(papers)


@on_postgresql
def test_a_pool_whose_row_is_gone_goes_on_where_it_stands(papers):
    """Replenishing makes the row again, and numbers come back as before."""
    issue(papers)
    Pool.objects.all().delete()

    ReplenishPool.run(sequence=papers)
    issue(papers, fails=True)
    freed = [ReplenishPool.run(sequence=papers).freed for _ in range(2)]

    assert sum(freed) == 1
    assert issue(papers) == 2


@with_row_locks
def test_nobody_waits_for_anybody(papers, other: OtherSession):
    """A claim goes on while another transaction holds a number of the same pool."""
    other.begin()
    other.run(lambda: ClaimNumber.run(sequence=papers).value)

    assert issue(papers) == 2


@on_mariadb
def test_two_who_fill_a_new_pool_at_once_both_succeed(papers, other: OtherSession):
    """Where there is no counter yet to be locked, one fills, the other finds it full.

    Who locks a row that is not there, at REPEATABLE READ, keeps both from making it.
    """
    missing = Counter.objects.select_for_update().filter(name=papers.sequence_name)
    with (
        OtherSession() as second,
        OtherSession(isolation_level="REPEATABLE READ") as holder,
    ):
        holder.begin()
        holder.run(missing.exists)
        runs = []
        for session in (other, second):
            runs.append(session.start(ReplenishPool.run, sequence=papers))
            session.wait_until_blocked()
        holder.rollback()
        freed = sorted(run.result().freed for run in runs)

    assert freed == [0, 3]
    assert [issue(papers) for _ in range(4)] == [1, 2, 3, 4]


@on_postgresql
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_number_that_went_meanwhile_is_a_conflict(papers, level: str):
    """A row that changed after the snapshot is not skipped; the attempt is repeated."""
    for fails in (True, True, False):
        issue(papers, fails=fails)
    for _ in range(2):
        ReplenishPool.run(sequence=papers)

    with OtherSession(isolation_level=level) as other:
        other.begin()
        other.run(documents)  # the snapshot
        assert issue(papers) == 1
        with pytest.raises(Conflict) as refusal:
            other.run(allocate, papers)
        other.rollback()

        assert other.run(retry_on_conflict()(issue), papers) == 2
    assert str(refusal.value) == (
        "Sequence 'papers' was moved by another transaction in the meantime on "
        "database 'default'. Wrap the outermost transaction in retry_on_conflict."
    )


@on_mariadb
@pytest.mark.usefixtures("newest_rows")
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_the_latest_rows_are_claimed(papers, level: str):
    """On MariaDB a claim meets the pool as it is: no conflict, no number twice."""
    ReplenishPool.run(sequence=papers)
    with OtherSession(isolation_level=level) as other:
        other.begin()
        other.run(PooledNumber.objects.filter(name="other").count)  # the snapshot
        assert issue(papers) == 1

        assert other.run(allocate, papers) == 2
        other.commit()


@with_isolation_levels
def test_a_long_snapshot_keeps_nothing_from_the_pool(papers):
    """While somebody reads an old state, what rolls back comes back, lowest first."""
    issue(papers)
    with OtherSession(isolation_level="REPEATABLE READ") as other:
        other.begin()
        assert other.run(documents) == [1]
        for number in range(2, 12):
            issue(papers, fails=True)
            for _ in range(2):
                ReplenishPool.run(sequence=papers)
            assert issue(papers) == number

        assert other.run(documents) == [1]


@on_postgresql
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_number_is_not_free_while_its_transaction_runs(
    papers, other: OtherSession, end: str
):
    """Neither settled too early nor forgotten: it is free if it rolled back."""
    issue(papers)
    other.begin()
    other.run(lambda: Document.objects.create(number=allocate(papers)))

    early = [ReplenishPool.run(sequence=papers).freed for _ in range(3)]
    getattr(other, end)()
    late = [ReplenishPool.run(sequence=papers).freed for _ in range(2)]

    assert early == [0, 0, 0]
    assert sum(late) == (1 if end == "rollback" else 0)


@on_postgresql
def test_the_newest_transaction_is_waited_for_too(papers, other: OtherSession):
    """A drawer whose id is the upper end of every snapshot still counts as running."""
    other.begin()
    other.run(lambda: Document.objects.create(number=allocate(papers)))

    freed = [ReplenishPool.run(sequence=papers).freed for _ in range(3)]
    other.commit()

    assert freed == [0, 0, 0]
    assert issue(papers) == 2


@on_postgresql
def test_who_has_only_drawn_is_waited_for(papers, other: OtherSession):
    """A transaction that has written nothing yet may still put its number somewhere."""
    issue(papers)
    other.begin()
    theirs = other.run(allocate, papers)
    issue(papers)

    for _ in range(2):
        ReplenishPool.run(sequence=papers)

    assert allocated(papers) != theirs


@on_postgresql
def test_who_came_after_the_mark_is_not_waited_for(papers, other: OtherSession):
    """Else numbers would never come back where there is always somebody."""
    issue(papers, fails=True)
    other.begin()
    other.run(allocate, papers)
    ReplenishPool.run(sequence=papers)  # marks, and waits for the first
    with OtherSession() as later:
        later.begin()
        later.run(allocate, papers)
        ReplenishPool.run(sequence=papers)
        other.rollback()

        freed = ReplenishPool.run(sequence=papers).freed

    assert freed == 2


@on_postgresql
def test_two_who_come_first_at_once_share_one_source(papers, other: OtherSession):
    """The second waits for the first, and finds what he made."""
    pool = DrawAndReclaim(papers, "default")
    with transaction.atomic():
        pool._create()
        second = other.start(pool._create)
        other.wait_until_blocked()
    second.result()

    assert issue(papers) == 1


@on_postgresql
def test_a_savepoint_that_rolls_back_gives_its_number_back(papers):
    """A number drawn in a savepoint is free when the whole transaction has ended."""
    with transaction.atomic():
        with transaction.atomic():
            Document.objects.create(number=allocate(papers))
            transaction.set_rollback(True)
        Document.objects.create(number=allocate(papers))

    freed = [ReplenishPool.run(sequence=papers).freed for _ in range(2)]

    assert sum(freed) == 1
    assert issue(papers) == 1


@on_postgresql
def test_a_deleted_document_does_not_free_its_number(papers):
    """What was settled once is not looked at again."""
    issue(papers)
    issue(papers)
    for _ in range(2):
        ReplenishPool.run(sequence=papers)
    Document.objects.filter(number=1).delete()

    freed = [ReplenishPool.run(sequence=papers).freed for _ in range(3)]

    assert freed == [0, 0, 0]
    assert issue(papers) == 3


@on_postgresql
def test_a_number_that_came_back_comes_back_again(papers):
    """Who takes a returned number and rolls back leaves it for the next one at once."""
    issue(papers, fails=True)
    for _ in range(2):
        ReplenishPool.run(sequence=papers)

    issue(papers, fails=True)

    assert issue(papers) == 1


@on_postgresql
def test_what_is_settled_later_is_taken_at_once(papers):
    """A session that went on behind a number meets those that came back since."""
    for lost in (1, 3):
        assert issue(papers, fails=True) == lost
        issue(papers)
        for _ in range(2):
            ReplenishPool.run(sequence=papers)
        assert issue(papers) == lost


def takes(papers, value: int) -> bool:
    """Tell whether a claim takes a number that is free."""
    PooledNumber.objects.get_or_create(name=papers.sequence_name, value=value)
    with transaction.atomic():
        return allocate(papers) == value


@on_postgresql
def test_a_session_goes_on_behind_the_number_it_took(papers):
    """What lies before it are dead entries, while somebody's snapshot is open."""
    issue(papers)
    assert takes(papers, 7)
    assert not all(takes(papers, value) for value in (6, 5, 4))  # once in fifty, each


@on_postgresql
def test_a_session_that_found_nothing_goes_on_behind_what_is_settled(papers):
    """Whatever comes back from then on has a higher number."""
    for _ in range(2):
        issue(papers)
    for _ in range(2):
        ReplenishPool.run(sequence=papers)

    def takes_one_after(count: int) -> bool:
        with OtherSession() as other:
            for _ in range(count):
                other.run(lambda: issue(papers))
            return other.run(lambda: takes(papers, 1))

    assert takes_one_after(0)
    assert not all(takes_one_after(1) for _ in range(3))  # once in fifty, each


@on_postgresql
def test_what_came_back_behind_a_session_is_taken_now_and_then(
    papers, other: OtherSession
):
    """It looks from the low end on, once in fifty claims or so."""
    for _ in range(2):
        issue(papers, fails=True)
    for _ in range(2):
        ReplenishPool.run(sequence=papers)
    other.begin()
    assert other.run(lambda: allocate(papers)) == 1
    assert issue(papers) == 2
    other.rollback()

    with transaction.atomic():
        assert 1 in [allocate(papers) for _ in range(1_000)]


@on_postgresql
def test_each_pool_is_looked_through_by_itself(papers):
    """Who went on behind a number of one pool has seen nothing of another."""
    bills = Sequence("bills", guarantee=Guarantee.POOLED, column=papers.column)
    PooledNumber.objects.bulk_create(
        PooledNumber(name=name, value=value)
        for name, value in (("papers", 9), ("bills", 4))
    )
    with transaction.atomic():
        assert [allocate(papers), allocate(bills)] == [9, 4]
