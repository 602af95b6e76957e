"""No number is given out while documents are ahead of their counter."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import BigIntegerField, CharField, Deferrable, Model, Q
from django.db.models import UniqueConstraint as Unique
from django.test.utils import isolate_apps

from sequences import (
    AdoptNumbers,
    AllocateNumber,
    AllocateNumbers,
    BlockAllocator,
    BlocksUsedUp,
    Conflict,
    DocumentsAhead,
    Guarantee,
    NumberPending,
    ReserveBlock,
    Sequence,
    get_last_value,
    get_next_values,
    require_aligned,
)
from sequences.alignment import guarded_counter, is_unique, kept_for
from sequences.counters import Highest
from sequences.counters.answering import answered
from sequences.counters.postgresql import sessions_with_function
from sequences.testing import OtherSession
from tests.documents.models import (
    Letter,
    Order,
    Reading,
    Sale,
    Seller,
    order_numbers,
)
from tests.sequences.marks import DATABASE, autocommit, on_mariadb, on_postgresql

COLUMN = "documents.Letter.number"

Draw = Callable[[Sequence], object]


@pytest.fixture
def letters() -> Sequence:
    """A sequence that says where its numbers are; no other test finds it."""
    return Sequence("letters", column=COLUMN)


@pytest.fixture(params=["as migrated", "without our functions"])
def on_any_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """On PostgreSQL also where a project's tests did not run our migrations."""
    if DATABASE == "postgresql" and request.param == "without our functions":
        function = "sequences_advance(bigint,text,bigint,bigint,bigint,bigint,bigint)"
        sessions_with_function.clear()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP FUNCTION {function}")
    yield
    sessions_with_function.clear()


def sent(*numbers: int) -> None:
    """Store documents with numbers of which no counter knows."""
    for number in numbers:
        Letter.objects.create(number=number)


@transaction.atomic
def allocate(sequence: Sequence) -> int:
    """Take a number."""
    return AllocateNumber.run(sequence=sequence).value


@transaction.atomic
def issue(sequence: Sequence) -> None:
    """Take a number, and store the document that it is for."""
    sent(AllocateNumber.run(sequence=sequence).value)


@transaction.atomic
def by_steps(sequence: Sequence) -> int:
    """Take a number by the steps, lock and all."""
    return AllocateNumber.run(sequence=sequence, nowait=True).value


@transaction.atomic
def a_batch(sequence: Sequence) -> object:
    """Take numbers."""
    return AllocateNumbers.run(sequence=sequence, count=3).values


@transaction.atomic
def a_batch_by_steps(sequence: Sequence) -> object:
    """Take numbers by the steps."""
    return AllocateNumbers.run(sequence=sequence, count=3, nowait=True).values


def in_autocommit(sequence: Sequence) -> int:
    """Take a number for good."""
    return sequence.get_next_value()


ways = pytest.mark.parametrize(
    "draw", [allocate, by_steps, a_batch, a_batch_by_steps, in_autocommit]
)


@pytest.mark.django_db
@pytest.mark.usefixtures("on_any_database")
class TestASerialNumber:
    """In the one statement and by the steps alike."""

    @ways
    def test_behind_its_documents_a_counter_gives_none(
        self, letters: Sequence, draw: Draw
    ):
        """Nor does it move; not even a number that is missing among them is given."""
        assert [allocate(letters) for _ in range(2)] == [1, 2]
        sent(4)  # 3 was never given out, or is on a document that is no more
        for _ in range(2):
            with pytest.raises(DocumentsAhead) as refused:
                draw(letters)
            assert refused.value.facts == {
                "sequence": "letters",
                "source": "its counter",
                "stands": 2,
                "documents": 4,
                "by": 2,
            }
        assert letters.get_last_value() == 2

    @ways
    def test_a_counter_that_is_not_there_gives_none(
        self, letters: Sequence, draw: Draw
    ):
        """Documents that came from elsewhere were not adopted yet."""
        sent(412)
        with pytest.raises(DocumentsAhead) as refused:
            draw(letters)
        assert (refused.value.stands, refused.value.by) == (None, 412)
        assert letters.get_last_value() is None

    def test_the_transaction_can_go_on(self, letters: Sequence):
        """The database has refused nothing."""
        sent(1)
        with transaction.atomic():
            with pytest.raises(DocumentsAhead):
                AllocateNumber.run(sequence=letters)
            AdoptNumbers.run(sequence=letters)
            assert AllocateNumber.run(sequence=letters).value == 2

    @ways
    def test_level_with_its_documents_it_goes_on(self, letters: Sequence, draw: Draw):
        """The last document has the last number, or has lost it."""
        for _ in range(2):
            sent(allocate(letters))
        draw(letters)
        Letter.objects.all().delete()
        draw(letters)

    def test_documents_without_a_number_are_not_ahead(self, letters: Sequence):
        """Drafts, however many."""
        Letter.objects.create(number=None)
        assert allocate(letters) == 1

    def test_what_it_cannot_give_out_does_not_hold_it(self):
        """Before its start, beside its step, and behind its end."""
        sent(5, 14, 41)
        odd = Sequence("odd", 11, increment=2, max_value=39, column=COLUMN)
        assert allocate(odd) == 11
        require_aligned(odd)
        sent(13)
        with pytest.raises(DocumentsAhead, match="ahead of it by 1, at 13"):
            allocate(odd)

    def test_from_zero_on(self):
        """The first number may be 0: then none was given out, not even -1."""
        from_zero = Sequence("from zero", 0, column=COLUMN)
        assert allocate(from_zero) == 0
        sent(0)
        assert allocate(from_zero) == 1


@pytest.mark.django_db
class TestWhereItLooks:
    """Where the highest number tells, and a unique constraint tells that."""

    def test_a_part_is_held_by_its_own_documents(self):
        """Those of another part count elsewhere."""
        ada, bob = (Seller.objects.create(name=name) for name in ("Ada", "Bob"))
        with transaction.atomic():
            Sale.objects.create(seller=bob)
            Sale.objects.create(seller=bob)
        sales = Sequence("others", scope=("seller",), column="documents.Sale.number")
        of_ada, of_bob = (
            sales.of(scope={"seller": str(each.pk)}) for each in (ada, bob)
        )
        assert allocate(of_ada) == 1
        with pytest.raises(DocumentsAhead, match="ahead of it by 2, at 2") as refused:
            allocate(of_bob)
        assert refused.value.sequence == f"others/{bob.pk}"

    def test_the_documents_of_a_field_are_numbered_by_it(self):
        """`save` draws, and refuses likewise."""
        order = Order.objects.create()
        Order.objects.update(number=7)
        with pytest.raises(DocumentsAhead), transaction.atomic():
            allocate(order_numbers)
        AdoptNumbers.run(sequence=order_numbers)
        assert allocate(order_numbers) == 8
        assert order.pk

    @pytest.mark.parametrize(
        "sequence",
        [
            lambda: Sequence("loop", 1, 3, column=COLUMN),
            lambda: Sequence("down", 9, increment=-1, column=COLUMN),
            lambda: Sequence("nowhere", column="documents.Letter.none"),
            lambda: Sequence("unsaid"),
        ],
    )
    def test_elsewhere_it_does_not(self, sequence: Callable[[], Sequence]):
        """Where a higher number was given out before, or nobody says where they are."""
        sent(9)
        assert allocate(sequence()) in {1, 9}

    def test_a_column_of_two_sequences_tells_nothing(self, letters: Sequence):
        """The highest number may be the other's, also when that is no more."""
        sent(9)
        assert allocate(Sequence("postcards", column=COLUMN)) == 1
        assert allocate(letters) == 1

    @pytest.mark.parametrize(
        ("declared", "written"),
        [
            (lambda: Sequence("letters", column=COLUMN), "documents.letter.number"),
            (lambda: order_numbers, "documents.Rush.number"),
        ],
    )
    def test_a_column_is_one_however_it_is_written(
        self, declared: Callable[[], Sequence], written: str
    ):
        """Models differ by no capital, and a child has the column of its parent."""
        one, other = declared(), Sequence("another", column=written)
        sent(9)
        Order.objects.create()
        Order.objects.update(number=9)
        assert allocate(one) == 1
        assert allocate(other) == 1

    def test_two_ways_of_one_counter_are_no_two_sequences(self, letters: Sequence):
        """A name may be declared as SERIAL and GROUPED."""
        sent(9)
        grouped = Sequence("letters", guarantee=Guarantee.GROUPED, column=COLUMN)
        with pytest.raises(DocumentsAhead):
            allocate(letters)
        assert grouped.column == letters.column

    def test_a_database_without_the_documents_is_not_asked(self, settings):
        """A check tells that they are elsewhere."""

        class Router:
            """Documents elsewhere, counters here."""

            def db_for_write(self, model: type[Model], **_: object) -> str | None:
                return "other" if model is Letter else None

        sent(9)
        settings.DATABASE_ROUTERS = [Router()]
        assert allocate(Sequence("apart", column=COLUMN)) == 1

    def test_routers_are_asked_each_time(self, letters: Sequence, settings):
        """What they said of the first draw is not kept for the next ones."""

        class Router:
            """Documents elsewhere, for the time being."""

            def db_for_write(self, model: type[Model], **_: object) -> str | None:
                return "other" if model is Letter else None

        sent(9)
        settings.DATABASE_ROUTERS = [Router()]
        assert allocate(letters) == 1
        settings.DATABASE_ROUTERS = []
        with pytest.raises(DocumentsAhead):
            allocate(letters)

    @pytest.mark.parametrize("field", ["level", "price"])
    def test_what_is_no_whole_number_is_not_looked_at(self, field: str):
        """Nobody could tell by how many numbers it is ahead."""
        Reading.objects.create(**{field: 9})
        assert allocate(Sequence("read", column=f"documents.Reading.{field}")) == 1

    def test_what_is_in_use_is_made_once(self, letters: Sequence):
        """However many other counters come between."""
        made = guarded_counter(letters).highest
        for other in range(kept_for.cache_info().maxsize or 0):
            kept_for("another", other)
            assert guarded_counter(letters).highest is made is not None

    def test_one_statement_is_still_all(
        self, letters: Sequence, django_assert_num_queries: Callable[..., object]
    ):
        """But on MariaDB, where a look inside of it would hold what it reads."""
        statements = 2 if DATABASE in {"mariadb", "mysql"} else 1
        sent(allocate(letters))
        with transaction.atomic(), django_assert_num_queries(statements):
            AllocateNumber.run(sequence=letters)


def test_a_name_may_have_a_percent_sign():
    """SQLite takes such a column: what is filled in is the query as it was."""
    asked = Highest.of('SELECT "No %", 7 %% 2 FROM "100%" WHERE "No %" > %s', (5,))
    filled = asked.statement % asked.parameters
    assert filled == 'SELECT "No %", 7 % 2 FROM "100%" WHERE "No %" > 5'


@autocommit
class TestBeforeTheTableIsThere:
    """A migration may draw before a later one has made all."""

    @pytest.fixture(autouse=True)
    def _table_of_letters(self) -> Iterator[None]:
        answered.clear()
        with connection.schema_editor() as editor:
            editor.delete_model(Letter)
        yield
        if Letter._meta.db_table not in connection.introspection.table_names():
            with connection.schema_editor() as editor:
                editor.create_model(Letter)

    @ways
    def test_no_document_is_ahead(self, letters: Sequence, draw: Draw):
        """It is drawn, and the transaction goes on."""
        with transaction.atomic():
            draw(letters)
            draw(letters)
        assert letters.get_last_value() in {2, 6}

    def test_once_it_is_there_it_is_looked_at(self, letters: Sequence):
        """That it was not is not kept."""
        assert allocate(letters) == 1
        with connection.schema_editor() as editor:
            editor.create_model(Letter)
        sent(9)
        with pytest.raises(DocumentsAhead):
            allocate(letters)

    def test_it_is_asked_in_no_query_of_the_project(
        self, letters: Sequence, django_assert_num_queries: Callable[..., object]
    ):
        """Who counts queries finds the same number at the first draw as later."""
        with connection.schema_editor() as editor:
            editor.create_model(Letter)
        statements = 2 if DATABASE in {"mariadb", "mysql"} else 1
        with transaction.atomic(), django_assert_num_queries(statements):
            AllocateNumber.run(sequence=letters)


class TestTheConstraint:
    """One that leads to the highest number of one counter."""

    @pytest.mark.parametrize(
        ("fields", "part", "leads"),
        [
            (["number"], set(), True),
            (["branch", "number"], {"branch"}, True),
            (["day", "branch", "number"], {"branch", "day"}, True),
            (["number", "branch"], {"branch"}, False),
            (["number", "branch"], set(), False),
            (["branch", "number"], set(), False),
            (["number"], {"branch"}, False),
            (["day", "number"], {"branch"}, False),
        ],
    )
    @isolate_apps("tests.documents")
    def test_it_ends_with_the_number(
        self,
        fields: list[str],
        part: set[str],
        leads: bool,  # noqa: FBT001
    ):
        """What tells the part stands in front of it, and nothing else."""
        model = numbered(Unique(fields=fields, name="u"))
        assert is_unique(model, "number", part, connection.features) is leads
        model._meta.constraints = []
        model._meta.unique_together = (tuple(fields),)
        assert is_unique(model, "number", part, connection.features) is leads

    @pytest.mark.parametrize(
        ("condition", "leads"),
        [
            (Q(number__isnull=False), True),
            (~Q(number__isnull=True), True),
            (Q(number__gt=5), False),
            (Q(number__isnull=False, branch="K1"), False),
        ],
    )
    @isolate_apps("tests.documents")
    def test_it_is_about_all_numbers(self, condition: Q, leads: bool):  # noqa: FBT001
        """It may leave drafts aside, and no document that has a number."""
        constraint = Unique(fields=["number"], condition=condition, name="u")
        there = connection.features.supports_partial_indexes
        assert tells(numbered(constraint)) is (leads and there)

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("options", "feature"),
        [
            ({"condition": Q(number__isnull=False)}, "supports_partial_indexes"),
            (
                {"deferrable": Deferrable.DEFERRED},
                "supports_deferrable_unique_constraints",
            ),
            ({"include": ["branch"]}, "supports_covering_indexes"),
            (
                {"nulls_distinct": True},
                "supports_nulls_distinct_unique_constraints",
            ),
        ],
    )
    @isolate_apps("tests.documents")
    def test_it_is_one_that_the_database_has(
        self, options: dict[str, Any], feature: str
    ):
        """Django leaves out what a database cannot: then nothing is unique there."""
        model = numbered(Unique(fields=["number"], name="u", **options))
        editor = connection.schema_editor(collect_sql=True)
        is_made = bool(model._meta.constraints[0].create_sql(model, editor))
        assert tells(model) is is_made is getattr(connection.features, feature)

    @pytest.mark.parametrize(
        ("options", "leads"),
        [({"unique": True}, True), ({"db_index": True}, False), ({}, False)],
    )
    @isolate_apps("tests.documents")
    def test_a_field_may_be_unique_by_itself(
        self,
        options: dict[str, bool],
        leads: bool,  # noqa: FBT001
    ):
        """An index that is not does not tell whose the numbers are."""
        assert tells(numbered(**options)) is leads


def tells(model: type[Model]) -> bool:
    """Tell whether the database has an index by which the number is unique."""
    return is_unique(model, "number", set(), connection.features)


def numbered(*constraints: Unique, **options: bool) -> type[Model]:
    """Declare a model with a number."""

    class It(Model):
        branch = CharField(max_length=10)
        number = BigIntegerField(null=True, **options)

        class Meta:
            app_label = "documents"

        def __str__(self) -> str:
            return f"it {self.number}"

    It._meta.constraints = list(constraints)
    return It


@autocommit
class TestOtherGuarantees:
    """Whoever counts on by a counter looks."""

    def test_a_group_is_not_numbered(self):
        """The documents wait, and get their numbers once it is realigned."""
        group = Sequence("letters", guarantee=Guarantee.GROUPED, column=COLUMN)
        sent(7)
        waiting = Letter.objects.create()
        pending = Letter.objects.filter(number=None)
        for document in (None, waiting):
            with pytest.raises(DocumentsAhead, match="ahead of it by 7, at 7"):
                NumberPending.run(sequence=group, pending=pending, document=document)
        assert group.get_last_value() is None
        AdoptNumbers.run(sequence=group)
        done = NumberPending.run(sequence=group, pending=pending, document=waiting)
        assert done.value == 8

    def test_a_start_raised_later_holds_no_group(self):
        """Without documents, none is ahead of a counter below the start."""
        get_next_values(5, "letters")
        group = Sequence("letters", 100, guarantee=Guarantee.GROUPED, column=COLUMN)
        waiting = Letter.objects.create()
        pending = Letter.objects.filter(number=None)
        done = NumberPending.run(sequence=group, pending=pending, document=waiting)
        assert done.value == 6

    @on_postgresql
    def test_a_group_realigned_meanwhile_is_numbered(self, other: OtherSession):
        """It is tried again, and not refused by what was read in between."""
        group = Sequence("letters", guarantee=Guarantee.GROUPED, column=COLUMN)
        sent(7)
        waiting = Letter.objects.create()
        pending = Letter.objects.filter(number=None)
        looks: list[str] = []

        def realign(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            if "sequences_take_part" not in sql and not looks:
                looks.append(sql)
                other.run(AdoptNumbers.run, sequence=group)
            return execute(sql, *rest)

        with connection.execute_wrapper(realign):
            done = NumberPending.run(sequence=group, pending=pending, document=waiting)
        assert looks
        assert done.value == 8

    @on_postgresql
    def test_a_group_is_not_held_by_numbers_of_another_session(
        self, other: OtherSession
    ):
        """The counter is read after the documents: both have moved together."""
        get_next_values(3, "letters")
        group = Sequence("letters", guarantee=Guarantee.GROUPED, column=COLUMN)
        sent(7)
        waiting = Letter.objects.create()
        pending = Letter.objects.filter(number=None)
        looks: list[str] = []

        def issue_between(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            found = execute(sql, *rest)
            if "sequences_take_part" not in sql:
                looks.append(sql)
                if len(looks) == 1:
                    other.run(AdoptNumbers.run, sequence=group)
                    other.run(issue, Sequence("letters", column=COLUMN))
            return found

        with connection.execute_wrapper(issue_between):
            done = NumberPending.run(sequence=group, pending=pending, document=waiting)
        assert done.value == 9

    def test_no_block_is_reserved(self):
        """Whoever waits for one is told why there is none."""
        blocks = Sequence("letters", guarantee=Guarantee.BLOCKS, column=COLUMN)
        sent(7)
        with pytest.raises(DocumentsAhead):
            ReserveBlock.run(sequence=blocks)
        with BlockAllocator(blocks) as allocator:
            with pytest.raises(BlocksUsedUp) as refused:
                allocator.take()
            assert isinstance(refused.value.__cause__, DocumentsAhead)
        AdoptNumbers.run(sequence=blocks)
        with BlockAllocator(blocks) as allocator:
            assert allocator.take() == 8


@autocommit
class TestTwoAtOnce:
    """Who waits for another is not held up by what that one issued meanwhile."""

    @ways
    @pytest.mark.parametrize("is_first", [True, False])
    def test_a_number_that_came_while_one_waited_is_not_ahead(
        self,
        other: OtherSession,
        letters: Sequence,
        draw: Draw,
        is_first: bool,  # noqa: FBT001
    ):
        """It is on a document, and the counter has moved with it."""
        if draw in {by_steps, a_batch_by_steps}:
            return  # they do not wait
        if not is_first:
            sent(allocate(letters))
        with transaction.atomic():
            sent(AllocateNumber.run(sequence=letters).value)
            second = other.start(draw, letters)
            other.wait_until_blocked()
        second.result()
        before = get_last_value("letters")
        allocate(letters)
        assert before is not None
        assert get_last_value("letters") == before + 1

    @on_mariadb
    @pytest.mark.parametrize(
        "steps",
        [
            lambda it: AllocateNumber.stepper(sequence=it, nowait=True),
            lambda it: AllocateNumbers.stepper(sequence=it, count=3, nowait=True),
        ],
    )
    def test_who_came_first_is_in_the_way_and_not_ahead(
        self, other: OtherSession, letters: Sequence, steps: Callable[[Sequence], Any]
    ):
        """InnoDB locks no counter that is not there, so the second has to repeat."""
        with transaction.atomic():
            second = steps(letters)
            second.until("require_aligned")
            other.run(issue, letters)
            with pytest.raises(Conflict):
                second.do("require_aligned")
        assert allocate(letters) == 2


@pytest.fixture
def serializable(transactional_db: None) -> Iterator[None]:
    """All sessions of a project that asks for SERIALIZABLE."""
    level = "serializable"
    if DATABASE == "postgresql":
        from django.db.backends.postgresql.psycopg_any import (  # noqa: PLC0415
            IsolationLevel,
        )

        level = IsolationLevel.SERIALIZABLE.value
    with pytest.MonkeyPatch.context() as patch:
        options = connection.settings_dict["OPTIONS"]
        patch.setitem(options, "isolation_level", level)
        connection.close()
        yield
    connection.close()


@pytest.mark.usefixtures("serializable")
class TestAtSerializable:
    """Where a look holds what it reads against others."""

    @on_mariadb
    def test_who_looks_at_once_waits_in_line(
        self, other: OtherSession, letters: Sequence
    ):
        """The counter is locked before it is read, so none has to be ended."""
        issue(letters)
        begun: list[Any] = []

        def let_another_begin(execute: Callable[..., Any], *statement: Any) -> Any:
            done = execute(*statement)
            if not begun:
                begun.append(other.start(issue, letters))
                other.wait_until_blocked()
            return done

        with transaction.atomic(), connection.execute_wrapper(let_another_begin):
            sent(AllocateNumber.run(sequence=letters).value)
        begun[0].result()
        assert letters.get_last_value() == 3

    @on_mariadb
    @ways
    def test_documents_ahead_are_refused_all_the_same(
        self, letters: Sequence, draw: Draw
    ):
        """By the lock and a look behind it."""
        sent(allocate(letters) + 1)
        with pytest.raises(DocumentsAhead):
            draw(letters)

    @on_postgresql
    def test_two_parts_are_drawn_at_once(self, other: OtherSession):
        """Neither is ended by what the other writes: no draw looks there."""
        sales = Sequence("others", scope=("seller",), column="documents.Sale.number")
        ada, bob = (Seller.objects.create(name=name) for name in ("Ada", "Bob"))

        def draw(seller: Seller) -> None:
            allocate(sales.of(scope={"seller": str(seller.pk)}))

        for each in (ada, bob):  # two first ones would be a conflict by themselves
            with transaction.atomic():
                draw(each)
                Sale.objects.create(seller=each)
        other.begin()
        with transaction.atomic():
            draw(ada)
            other.run(draw, bob)
            Sale.objects.create(seller=ada)
            other.run(Sale.objects.create, seller=bob)
        other.commit()
        assert Sale.objects.filter(number=2).count() == len((ada, bob))

    @on_postgresql
    def test_documents_are_looked_at_when_told_to(self, letters: Sequence):
        """`require_aligned` tells what no draw does."""
        sent(7)
        assert allocate(letters) == 1
        with pytest.raises(DocumentsAhead):
            require_aligned(letters)
