"""Pools, blocks, and what they refuse, of series that count by period or scope."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from sequences import (
    AuditNumbers,
    BlockAllocator,
    ClaimNumber,
    Guarantee,
    InvalidSequence,
    Sequence,
    allocate,
    close_allocators,
)
from sequences.definitions import Sequence as Series
from sequences.ledger.findings import Explanation
from sequences.ledger.realigning import counters_behind
from sequences.pools.postgresql import sessions_with_source
from tests.documents.models import Seller, Ticket, ticket_numbers
from tests.sequences.marks import autocommit, on_postgresql, with_row_locks
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
