"""Pools, blocks, and what they refuse, of series that count by period or scope."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Model

from sequences import (
    AuditNumbers,
    BlockAllocator,
    ClaimNumber,
    Guarantee,
    InvalidSequence,
    NumberDocument,
    Sequence,
    allocate,
    close_allocators,
)
from sequences.arithmetic import HIGHEST
from sequences.definitions import Sequence as Series
from sequences.ledger.findings import Explanation
from sequences.ledger.realigning import counters_behind
from sequences.models import Pool, PooledNumber
from sequences.models import Sequence as Counter
from sequences.pools.postgresql import sessions_with_source
from tests.documents.models import Bill, Seller, Ticket, ticket_numbers
from tests.sequences.marks import (
    DATABASE,
    autocommit,
    on_postgresql,
    with_row_locks,
)
from tests.sequences.series import COLUMN, drop_source

pytestmark = autocommit


@pytest.fixture
def sellers(transactional_db: None):
    """Two sellers whose pools begin anew: native sequences outlive the tables."""
    sellers = [Seller.objects.create(name=name) for name in "AB"]
    yield sellers
    if connection.vendor == "postgresql":
        for seller in sellers:
            drop_source(part_of(seller))
        sessions_with_source.clear()


def part_of(seller: Seller) -> Series:
    """Give the part of a seller."""
    return ticket_numbers.of(scope={"seller": str(seller.pk)})


def sell(seller: Seller, *, fails: bool = False) -> None:
    """Number a ticket, in a transaction that may roll back."""
    with transaction.atomic():
        Ticket.objects.create(seller=seller)
        transaction.set_rollback(fails)


def numbers(seller: Seller) -> list[int]:
    """Give the numbers of a seller's tickets."""
    found = Ticket.objects.filter(seller=seller).values_list("number", flat=True)
    return [n for n in found.order_by("number") if n]


def replenish() -> list[str]:
    """Look after all pools; tell which."""
    out = StringIO()
    call_command("replenish_pools", "tickets", stdout=out)
    return [line.split()[-1] for line in out.getvalue().splitlines()]


def test_each_part_has_a_pool(sellers: list[Seller]):
    """Numbers of one seller are independent of those of another."""
    one, two = sellers
    for seller in (one, two, one):
        sell(seller)

    assert (numbers(one), numbers(two)) == ([1, 2], [1])
    assert set(Ticket.objects.values_list("code", flat=True)) == {
        f"{one.pk}/1",
        f"{one.pk}/2",
        f"{two.pk}/1",
    }


def test_at_rest_no_number_of_a_part_is_missing(sellers: list[Seller]):
    """What one seller gave back is given out again, though the other has sold it."""
    one, two = sellers
    for seller in (one, one, one, two, two, two):
        sell(seller, fails=seller == one)

    replenish()
    told = replenish()
    for _ in range(3):
        sell(one)

    assert (numbers(one), numbers(two)) == ([1, 2, 3], [1, 2, 3])
    assert part_of(two).sequence_name in told


@with_row_locks
def test_an_audit_explains_what_is_in_the_pool_of_a_part(sellers: list[Seller]):
    """Of each part, at every moment; and a deleted document it does not explain."""
    one, two = sellers
    for fails in (False, True, False, False):
        sell(one, fails=fails)
        sell(two)
    assert AuditNumbers.run(sequence=ticket_numbers).audit.is_clean
    for _ in range(3):
        replenish()
    Ticket.objects.filter(seller=two, number=2).delete()

    found = AuditNumbers.run(sequence=ticket_numbers).audit
    of_one = AuditNumbers.run(sequence=part_of(one)).audit

    assert [(gap.part, gap.first, gap.last) for gap in found.gaps.listed] == [
        (str(two.pk), 2, 2)
    ]
    explained = {gap.explanation for gap in found.explained.listed}
    assert explained <= {Explanation.POOLED}
    assert of_one.is_clean
    assert of_one.given_out is not None


@on_postgresql
def test_what_a_part_drew_is_not_settled_at_once(sellers: list[Seller]):
    """Before it is certain that its transaction ended, no one can tell."""
    one, _ = sellers
    sell(one, fails=True)
    sell(one)

    [gap] = AuditNumbers.run(sequence=ticket_numbers).audit.explained.listed

    assert (gap.part, gap.first) == (str(one.pk), 1)
    assert gap.explanation is Explanation.UNSETTLED


def test_what_is_called_like_a_part_is_none(sellers: list[Seller]):
    """A sequence of its own, or a counter of nobody, is not looked after as a part."""
    one, _ = sellers
    sell(one)
    by_hand = Sequence(
        f"tickets/{one.pk + 7}", guarantee=Guarantee.POOLED, column=COLUMN
    )
    for name in (by_hand.sequence_name, "tickets/a/b"):
        Pool.objects.create(name=name, settled=0)
        Counter.objects.create(name=name, last=1)

    assert replenish() == [part_of(one).sequence_name]
    assert [
        each.part
        for each in AuditNumbers.run(sequence=ticket_numbers).audit.by_part.listed
    ] == [str(one.pk), "a/b"]


@pytest.mark.skipif(DATABASE == "postgresql", reason="Its pools are not filled.")
@with_row_locks
def test_a_part_that_is_full_keeps_no_other_waiting(sellers: list[Seller]):
    """The command looks after the pools of the others; there is nothing to tell."""
    one, two = sellers
    Counter.objects.create(name=part_of(one).sequence_name, last=HIGHEST)
    sell(two)

    told = replenish()

    assert set(told) == {part_of(each).sequence_name for each in sellers}


@on_postgresql
def test_a_bad_pool_keeps_no_other_waiting(sellers: list[Seller]):
    """The command looks after all others, and tells of it at the end."""
    one, two = sellers
    for seller in (one, two):
        sell(seller)
    Pool.objects.create(name="tickets/01", settled=0)

    out = StringIO()
    with pytest.raises(CommandError, match="'01' is written '1' there"):
        call_command("replenish_pools", "tickets", stdout=out)

    assert len(out.getvalue().splitlines()) == 2


def test_a_pool_is_audited_where_its_tables_are_missing(sellers: list[Seller]):
    """A database that has only the counters tells what they say."""
    one, _ = sellers
    sell(one)
    with missing_table(PooledNumber):
        found = AuditNumbers.run(sequence=ticket_numbers).audit
    assert found.numbered == 1


@contextmanager
def missing_table(model: type[Model]) -> Iterator[None]:
    """Give a database that was migrated up to the counters."""
    meta = model._meta
    table = connection.ops.quote_name(meta.db_table)
    aside = connection.ops.quote_name("aside")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {aside}")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {aside} RENAME TO {table}")


@on_postgresql
def test_a_scope_written_in_another_way_has_no_pool(sellers: list[Seller]):
    """What was claimed for it could never be found on a document again."""
    part = ticket_numbers.of(scope={"seller": f"0{sellers[0].pk}"})

    with transaction.atomic(), pytest.raises(InvalidSequence, match="is written"):
        ClaimNumber.run(sequence=part)


@on_postgresql
def test_a_source_that_was_dropped_begins_behind_its_own_documents(
    sellers: list[Seller],
):
    """And not behind those of another part; until then audits and checks go on."""
    one, two = sellers
    for seller in (one, two, two, two):
        sell(seller)
    drop_source(part_of(one))
    sessions_with_source.clear()
    assert AuditNumbers.run(sequence=ticket_numbers).audit.is_clean
    assert AuditNumbers.run(sequence=part_of(one)).audit.given_out == 1
    assert list(counters_behind(ticket_numbers)) == []

    sell(one)

    assert numbers(one) == [1, 2]


@with_row_locks
def test_a_pool_that_is_not_behind_is_not_told(sellers: list[Seller]):
    """Documents that a pool has numbered are not ahead of it."""
    for seller in sellers:
        sell(seller)

    assert list(counters_behind(ticket_numbers)) == []


@on_postgresql
def test_documents_ahead_of_a_pool_are_told(sellers: list[Seller]):
    """Of the part whose documents they are."""
    _, two = sellers
    for seller in sellers:
        sell(seller)
    Ticket.objects.filter(seller=two).update(number=5, code=f"{two.pk}/5")

    [behind] = counters_behind(ticket_numbers)

    name = part_of(two).sequence_name
    assert (behind.name, behind.stands, behind.documents) == (name, 1, 5)


def test_blocks_of_a_part_are_its_own():
    """A process has an allocator for each part."""
    events = Sequence(
        "events", period="year", guarantee=Guarantee.BLOCKS, block_size=10
    )
    this, that = (events.of(on=date(year, 1, 1)) for year in (2026, 2027))

    taken = [allocate(part) for part in (this, this, that)]
    close_allocators()

    assert taken == [1, 2, 1]
    assert (this.get_last_value(), that.get_last_value()) == (2, 1)


def test_what_may_be_in_a_block_is_explained():
    """Numbers of a part above its newest document are reserved for a process."""
    bills = Sequence(
        "slips",
        period="year",
        scope=("branch",),
        guarantee=Guarantee.BLOCKS,
        block_size=10,
        column="documents.Bill.number",
    )
    part = bills.of(on=date(2026, 5, 4), scope={"branch": "K1"})
    with BlockAllocator(part) as allocator:
        number = allocator.take()
        with transaction.atomic():
            bill = Bill()
            NumberDocument.run(document=bill, value=number)
            bill.save()
        found = AuditNumbers.run(sequence=bills).audit

    [gap] = found.explained.listed
    assert (gap.part, gap.first, gap.last) == ("2026/K1", 2, 10)
    assert gap.explanation is Explanation.RESERVED


@pytest.mark.parametrize(
    "number",
    [
        lambda yearly: ClaimNumber.run(sequence=yearly(Guarantee.POOLED)),
        lambda yearly: BlockAllocator(yearly(Guarantee.BLOCKS)),
        lambda yearly: allocate(yearly(Guarantee.SERIAL)),
    ],
    ids=["POOLED", "BLOCKS", "SERIAL"],
)
def test_a_series_has_no_numbers_of_its_own(number):
    """Where nothing tells the part, nothing is taken."""

    def yearly(guarantee: Guarantee) -> Sequence:
        return Sequence("yearly", period="year", guarantee=guarantee, column=COLUMN)

    with transaction.atomic(), pytest.raises(InvalidSequence) as refusal:
        number(yearly)

    assert "it counts by year" in str(refusal.value)


@on_postgresql
def test_a_pool_of_which_nothing_tells_the_documents():
    """What was drawn for a part could never be found again."""
    yearly = Sequence(
        "yearly", period="year", guarantee=Guarantee.POOLED, column=COLUMN
    )
    with transaction.atomic(), pytest.raises(InvalidSequence) as refusal:
        ClaimNumber.run(sequence=yearly.of(on=date(2026, 1, 1)))

    assert "nothing beside 'documents.Document.number' tells" in str(refusal.value)


def test_what_a_database_counts_is_one_series():
    """Its own sequence has no parts."""
    with pytest.raises(InvalidSequence) as refusal:
        Sequence("yearly", period="year", guarantee=Guarantee.NATIVE)

    assert str(refusal.value) == (
        "Sequence 'yearly': it cannot be NATIVE and count by year: a sequence of the "
        "database counts one way. Declare another guarantee."
    )
