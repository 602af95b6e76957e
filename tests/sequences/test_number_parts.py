"""Documents that are numbered in groups, by period and scope."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from sequences import (
    AdoptNumbers,
    AuditNumbers,
    Guarantee,
    InvalidNumber,
    InvalidSequence,
    NumberField,
    NumberPending,
    Sequence,
    SequenceExhausted,
)
from sequences.allocation.set_counter import SetCounter
from sequences.counters import counter_for
from sequences.groups import group_of
from sequences.ledger.realigning import counters_behind
from sequences.models import Sequence as Counter
from sequences.testing import OtherSession
from tests.documents.models import (
    Claim,
    Document,
    Parcel,
    Seller,
    Visit,
    claim_numbers,
    parcel_numbers,
    visit_numbers,
)
from tests.sequences.marks import with_row_locks
from tests.sequences.series import COLUMN

pytestmark = pytest.mark.django_db(transaction=True)

CLAIMS = Claim.objects.order_by("pk")


def claim(day: str = "2026-05-04", branch: str = "K1") -> Claim:
    """Make a document without a number."""
    return Claim.objects.create(day=date.fromisoformat(day), branch=branch)


def day() -> date:
    """Give the day of a document."""
    return date(2026, 5, 4)


def stand(part: Sequence, last: int) -> None:
    """Let a counter stand somewhere."""
    with transaction.atomic():
        SetCounter.run(sequence=part, last=last)


def codes() -> list[str | None]:
    """Give what is printed on all documents."""
    return list(CLAIMS.values_list("code", flat=True))


def test_each_part_is_numbered_by_itself():
    """A run without a document of its own numbers what waits, of every part."""
    claim(), claim("2027-01-01"), claim(branch="K2"), claim("2026-12-31")

    done = NumberPending.run(sequence=claim_numbers, pending=CLAIMS)

    assert (done.count, done.value) == (4, None)
    assert codes() == [
        "C-2026-K1-001",
        "C-2027-K1-001",
        "C-2026-K2-001",
        "C-2026-K1-002",
    ]
    assert dict(Counter.objects.values_list("name", "last")) == {
        "claims/2026/K1": 2,
        "claims/2026/K2": 1,
        "claims/2027/K1": 1,
    }


def test_number_text_and_period_are_written_together():
    """What is numbered is as consistent as what was drawn one by one."""
    mine = claim()

    NumberPending.run(sequence=claim_numbers, pending=CLAIMS)

    mine.refresh_from_db()
    assert (mine.number, mine.code, mine.counted_in) == (1, "C-2026-K1-001", "2026")
    mine.save()  # refused if they did not go together


def test_what_was_read_before_does_not_erase_a_number():
    """A document that was numbered in the meantime is not saved without its number."""
    mine = claim()
    NumberPending.run(sequence=claim_numbers, pending=CLAIMS, document=mine.pk)
    mine.branch = "K2"

    with pytest.raises(InvalidNumber) as refusal:
        mine.save()
    mine.save(update_fields=["day"])  # which leaves the number alone

    assert str(refusal.value) == (
        f"Claim {mine.pk} cannot have number None of sequence 'claims': in the "
        f"database it has number 1, and would lose it. Call refresh_from_db(), and "
        f"change it then. Only QuerySet.update() takes a number away."
    )
    assert codes() == ["C-2026-K1-001"]


@with_row_locks
def test_who_saves_a_draft_keeps_others_from_numbering_it():
    """From the look at its number on, until his transaction ends."""
    mine = claim()
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        mine.save()

    looked, *_ = [each["sql"] for each in queries if "SELECT" in each["sql"]]
    assert re.search(r"FOR (NO KEY )?UPDATE$", looked)


def test_who_brings_a_document_numbers_its_part_alone():
    """The others wait for who brings theirs."""
    mine = claim()
    claim("2027-01-01"), claim()

    done = NumberPending.run(sequence=claim_numbers, pending=CLAIMS, document=mine.pk)

    assert (done.count, done.value) == (2, 1)
    assert codes() == ["C-2026-K1-001", None, "C-2026-K1-002"]


@with_row_locks
def test_a_document_that_moves_to_another_part_is_numbered_there(other: OtherSession):
    """Also where it moves after its part was looked up."""
    claim()
    NumberPending.run(sequence=claim_numbers, pending=CLAIMS)
    mine, part = claim(), claim_numbers.of(on=day(), scope={"branch": "K1"})
    other.begin()
    other.run(lambda: group_of(counter_for(part), CLAIMS.none(), None).take_part())

    with OtherSession() as follower:
        run = follower.start(
            NumberPending.run,
            sequence=claim_numbers,
            pending=CLAIMS.all(),
            document=mine.pk,
        )
        follower.wait_until_blocked()
        Claim.objects.filter(pk=mine.pk).update(day=date(2027, 1, 1))
        other.commit()
        done = run.result()

    assert (done.count, done.value) == (1, 1)
    assert codes() == ["C-2026-K1-001", "C-2027-K1-001"]


def test_one_part_may_be_asked_for():
    """A part, as of() gives it, numbers its own documents and no others."""
    claim(), claim("2027-01-01")
    part = claim_numbers.of(on=date(2027, 6, 1), scope={"branch": "K1"})

    done = NumberPending.run(sequence=part, pending=CLAIMS)

    assert done.count == 1
    assert codes() == [None, "C-2027-K1-001"]


def test_a_document_that_is_not_there_numbers_nothing():
    """Nobody can tell its part."""
    there = claim()

    done = NumberPending.run(
        sequence=claim_numbers, pending=CLAIMS, document=there.pk + 1
    )

    assert (done.count, done.value) == (0, None)
    assert codes() == [None]


def test_only_what_the_query_set_selects_is_numbered():
    """Of all parts."""
    claim(), claim("2027-01-01"), claim(branch="K2")

    NumberPending.run(sequence=claim_numbers, pending=CLAIMS.exclude(branch="K2"))

    assert codes() == ["C-2026-K1-001", "C-2027-K1-001", None]


def test_what_tells_no_part_keeps_nobody_waiting():
    """A document without a branch is told of, when all others are numbered."""
    claim(branch=""), claim(), claim("2027-01-01")

    with pytest.raises(InvalidSequence) as refusal:
        NumberPending.run(sequence=claim_numbers, pending=CLAIMS)

    assert str(refusal.value) == (
        "Sequence 'claims': documents with day=datetime.date(2026, 5, 4), branch='' "
        "wait: it counts by year and branch: a number needs the branch, as text, got "
        "str ''. Set it right in them."
    )
    assert codes() == [None, "C-2026-K1-001", "C-2027-K1-001"]


def test_any_other_error_of_a_part_leaves_the_others_numbered():
    """What the database refuses is raised as it is, when all others have theirs."""
    claim(), claim("2027-01-01")
    Claim.objects.filter(pk=claim(branch="K2").pk).update(code="C-2026-K1-001")

    with pytest.raises(IntegrityError):
        NumberPending.run(sequence=claim_numbers, pending=CLAIMS.exclude(branch="K2"))

    assert codes() == [None, "C-2027-K1-001", "C-2026-K1-001"]


def test_a_part_that_is_full_leaves_the_others_numbered():
    """Each part commits by itself, and is told of at the end."""
    claim(), claim(), claim("2027-01-01")
    part = claim_numbers.of(on=date(2026, 1, 1), scope={"branch": "K1"})
    stand(part, 998)

    with pytest.raises(SequenceExhausted) as refusal:
        NumberPending.run(sequence=claim_numbers, pending=CLAIMS)

    assert (refusal.value.sequence, refusal.value.left) == ("claims/2026/K1", 1)
    assert codes() == [None, None, "C-2027-K1-001"]


def test_all_that_is_wrong_is_told():
    """In the notes of the first error."""
    claim(branch=""), claim(), claim()
    part = claim_numbers.of(on=date(2026, 1, 1), scope={"branch": "K1"})
    stand(part, 998)

    with pytest.raises(InvalidSequence) as refusal:
        NumberPending.run(sequence=claim_numbers, pending=CLAIMS)

    [note, *_] = refusal.value.__notes__
    assert note.startswith("Sequence 'claims/2026/K1' has 1 of the 2 numbers asked for")


def test_a_document_of_another_part_is_told():
    """Who asks for one part and brings a document of another has mixed them up."""
    mine = claim("2027-01-01")
    claim()
    part = claim_numbers.of(on=date(2026, 1, 1), scope={"branch": "K1"})

    with pytest.raises(InvalidSequence) as refusal:
        NumberPending.run(sequence=part, pending=CLAIMS, document=mine.pk)

    assert str(refusal.value) == (
        "Sequence 'claims/2026/K1': it is the part 2026/K1, and on= and scope= tell "
        "2027/K1. Take that part of the series itself."
    )
    assert codes() == [None, "C-2026-K1-001"]


@pytest.fixture
def ignoring_case(monkeypatch: pytest.MonkeyPatch):
    """A column of the scope in which capitals are small letters."""
    if connection.vendor != "postgresql":  # there it is declared so, or by default
        yield
        return
    depot: Any = Parcel._meta.get_field("depot")
    column = 'ALTER TABLE "documents_parcel" ALTER COLUMN "the depot" TYPE varchar(10)'
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE COLLATION ignoring_case "
            "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
        )
        cursor.execute(f"{column} COLLATE ignoring_case")
        monkeypatch.setattr(depot, "db_collation", "ignoring_case")
        yield
        Parcel.objects.all().delete()
        cursor.execute(f'{column} COLLATE "default"')
        cursor.execute("DROP COLLATION ignoring_case")


def parcel(seller: Seller, depot: str = "A") -> Parcel:
    """Make a document of a scope without a number."""
    return Parcel.objects.create(seller=seller, depot=depot)


def parcels() -> list[tuple[int | None, str]]:
    """Give number and text of all of them."""
    return list(Parcel.objects.order_by("pk").values_list("number", "label"))


@pytest.mark.usefixtures("ignoring_case")
def test_a_scope_is_told_by_each_character():
    """Where the database takes capitals for small letters, their parts are two."""
    seller = Seller.objects.create(name="A")
    for depot in ("B", "b", "B", "C"):
        parcel(seller, depot)
    part = parcel_numbers.of(scope={"seller": str(seller.pk), "depot": "B"})
    stand(part, 5)

    pending = Parcel.objects.order_by("pk")
    for _ in range(2):
        NumberPending.run(sequence=parcel_numbers, pending=pending)

    assert parcels() == [(6, "6"), (1, "1"), (7, "7"), (1, "1")]


@pytest.mark.usefixtures("ignoring_case")
def test_one_of_two_such_parts_is_not_behind_the_other():
    """Neither a check nor who adopts takes the documents of one for the other's."""
    seller = Seller.objects.create(name="A")
    for depot in ("B", "b"):
        parcel(seller, depot)
    large, small = (
        parcel_numbers.of(scope={"seller": str(seller.pk), "depot": depot})
        for depot in ("B", "b")
    )
    stand(large, 5)
    for _ in range(2):
        NumberPending.run(sequence=parcel_numbers, pending=Parcel.objects.all())

    moves = [
        AdoptNumbers.run(sequence=part, dry_run=True).after for part in (large, small)
    ]

    assert moves == [6, 1]
    assert list(counters_behind(parcel_numbers)) == []


def test_a_scope_may_be_a_key():
    """What is numbered is told by the key of the seller, as NumberField stores it."""
    one, two = (Seller.objects.create(name=name) for name in "AB")
    for seller in (one, two, one):
        parcel(seller)

    NumberPending.run(sequence=parcel_numbers, pending=Parcel.objects.order_by("pk"))

    assert parcels() == [(1, "1"), (1, "1"), (2, "2")]


@pytest.mark.parametrize(
    ("written", "why"),
    [("0{}", "and '0{0}' is written '{0}' there."), ("x", "and 'x' can be none.")],
)
def test_a_scope_that_is_written_in_another_way(written: str, why: str):
    """It would be another counter for the same documents."""
    seller = Seller.objects.create(name="A")
    parcel(seller)
    value = written.format(seller.pk)
    part = parcel_numbers.of(scope={"seller": value, "depot": "A"})

    with pytest.raises(InvalidSequence) as refusal:
        NumberPending.run(sequence=part, pending=Parcel.objects.all())

    assert str(refusal.value) == (
        f"Sequence {part.sequence_name!r}: its documents hold the seller in 'seller', "
        f"{why.format(seller.pk)}"
    )
    assert parcels() == [(None, "")]


def test_an_audit_finds_nothing_missing():
    """What groups number is audited like what is drawn one by one."""
    for day, branch in (
        ("2026-05-04", "K1"),
        ("2026-05-04", "K2"),
        ("2027-01-01", "K1"),
    ):
        claim(day, branch), claim(day, branch)
    NumberPending.run(sequence=claim_numbers, pending=CLAIMS)
    CLAIMS.filter(code="C-2026-K2-001").delete()

    audit = AuditNumbers.run(sequence=claim_numbers).audit

    assert [(each.part, each.missing) for each in audit.by_part.listed] == [
        ("2026/K1", 0),
        ("2026/K2", 1),
        ("2027/K1", 0),
    ]


def test_midnight_is_that_of_the_series():
    """A document dated by a moment belongs to its day by the clocks of the series."""
    for at in (
        datetime(2026, 12, 31, 22, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 12, 31, 23, tzinfo=UTC),  # midnight in Paris
        datetime(2025, 12, 31, 23, tzinfo=UTC),
    ):
        Visit.objects.create(at=at)

    NumberPending.run(sequence=visit_numbers, pending=Visit.objects.order_by("pk"))

    found = Visit.objects.order_by("pk").values_list("counted_in", "number")
    assert list(found) == [("2026", 1), ("2027", 1), ("2026", 2)]


def test_nothing_tells_the_part_of_a_document():
    """Without a NumberField of the same series nothing is numbered."""
    Document.objects.create()
    yearly = Sequence(
        "yearly", period="year", guarantee=Guarantee.GROUPED, column=COLUMN
    )

    for asked in (yearly, yearly.of(on=date(2026, 1, 1))):
        with pytest.raises(InvalidSequence) as refusal:
            NumberPending.run(sequence=asked, pending=Document.objects.all())

        assert str(refusal.value) == (
            f"Sequence {asked.sequence_name!r}: it counts by year, and nothing beside "
            f"'documents.Document.number' tells where a document is counted. Make that "
            f"a NumberField of the series, with the fields of the date, the period and "
            f"the scope."
        )


def test_a_check_digit_is_not_printed_by_a_group():
    """No database prints one, so such a text is refused."""
    guarded = Sequence(
        "guarded",
        format="{value:03d}{check:luhn}",
        guarantee=Guarantee.GROUPED,
        column="documents.Claim.number",
    )
    with pytest.raises(InvalidSequence) as refusal:
        NumberField(guarded, text="code", null=True)

    assert str(refusal.value) == (
        "Sequence 'guarded': it is declared as GROUPED: NumberPending prints no check "
        "digits. Leave text= out."
    )


@pytest.mark.parametrize(
    "template",
    [
        "{period:%Y}{scope.branch}-{value}",
        "{value:02d}/{scope.branch}/{period:%y}",
        "{{100%s}}'{period:%Y}'{scope.branch}\\{value:02d} \"é\"",
    ],
)
def test_the_database_prints_what_we_print(template: str):
    """Whatever the format, and also where numbers grow wider than it says."""
    odd = Sequence(
        "odd",
        format=template,
        overflow="widen",
        period="year",
        scope=("branch",),
        guarantee=Guarantee.GROUPED,
        column="documents.Claim.number",
    )
    part = odd.of(on=date(2026, 5, 4), scope={"branch": "K1"})
    for last in (None, 9, 98):
        if last is not None:
            stand(part, last)
        claim(), claim()
        NumberPending.run(sequence=odd, pending=CLAIMS)

    numbered = CLAIMS.values_list("number", "code")
    assert [number for number, _ in numbered] == [1, 2, 10, 11, 99, 100]
    assert all(code == part.print(number or 0) for number, code in numbered)
