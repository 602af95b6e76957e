"""System checks: each with its whole message, and its place in the documentation."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connection, transaction
from django.db.models import (
    CASCADE,
    CharField,
    DateField,
    ForeignKey,
    Model,
    UniqueConstraint,
)
from django.test.utils import isolate_apps

from sequences import (
    AdoptNumbers,
    DocumentsAhead,
    Guarantee,
    InvalidSequence,
    NumberDocument,
    NumberField,
    Sequence,
    get_last_value,
    require_aligned,
)
from sequences.checks import (
    check_counters,
    check_databases,
    check_distribution,
    check_documents,
    check_number_fields,
)
from sequences.ledger.realigning import counters_behind
from tests.documents.models import (
    Bill,
    Letter,
    Order,
    Visit,
    bill_numbers,
    order_numbers,
    visit_numbers,
)
from tests.sequences.marks import DATABASE, on_mariadb, on_postgresql, on_sqlite

DAY = date(2025, 1, 1)
REFERENCE = Path(__file__).parent.parent.parent / "docs/reference/checks.md"


def told(messages: list[CheckMessage]) -> list[tuple[str | None, str, str | None]]:
    """Give id, message and hint of each."""
    return [(each.id, each.msg, each.hint) for each in messages]


@pytest.mark.django_db  # to name a column's type, MariaDB is asked its version
def test_a_sound_project_is_told_nothing():
    """The settings of these tests are as they should be; all checks are registered."""
    registered = checks.registry.registry.get_checks()
    assert {
        check_distribution,
        check_documents,
        check_number_fields,
        check_databases,
    } <= set(registered)
    assert check_counters in checks.registry.registry.get_checks(
        include_deployment_checks=True
    )
    assert not [
        message
        for message in checks.run_checks()
        if str(message.id).startswith("sequences.")
    ]


def test_django_sequences_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """E001: two distributions cannot both be `sequences`."""
    metadata = tmp_path / "django_sequences-3.1.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: django-sequences\nVersion: 3.1\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert told(check_distribution()) == [
        (
            "sequences.E001",
            (
                "django-sequences is installed beside django-seriatim, and both are "
                "imported as 'sequences'."
            ),
            (
                "Run 'pip uninstall django-sequences', then reinstall django-seriatim. "
                "See docs/reference/checks.md#sequences-e001."
            ),
        )
    ]


@pytest.mark.parametrize("column", ["auth.Group.numero", "auth.Grp.id", "nix.Group.id"])
def test_a_column_that_does_not_exist(column: str):
    """E002: no such field, model, or app."""
    sequence = Sequence("groups", column=column)
    assert told(check_documents()) == [
        (
            "sequences.E002",
            f"Sequence 'groups' names a column that does not exist: {column!r}.",
            (
                "Write it as 'app.Model.field'. "
                "See docs/reference/checks.md#sequences-e002."
            ),
        )
    ]
    del sequence


@pytest.mark.parametrize(
    ("guarantee", "found"),
    [("GROUPED", 1), ("POOLED", DATABASE == "postgresql"), ("BLOCKS", 0)],
)
def test_documents_that_do_not_tell_their_part(guarantee: str, found: int):
    """E006: who looks for the documents of a year needs more than their numbers."""
    sequence = Sequence(
        "groups",
        period="year",
        guarantee=Guarantee[guarantee],
        column="auth.Group.id",
    )
    message = (
        "sequences.E006",
        (
            f"Sequence 'groups' is {guarantee}: it counts by year, and nothing beside "
            f"'auth.Group.id' tells where a document is counted."
        ),
        (
            "Make that a NumberField of the series, with the fields of the date, the "
            "period and the scope. See docs/reference/checks.md#sequences-e006."
        ),
    )
    assert told(check_documents()) == [message] * found
    del sequence


def test_a_name_like_that_of_a_part():
    """E007: two that share a counter, and neither knows of the other."""
    yearly = Sequence("groups", period="year", column="auth.Group.id")
    by_hand = Sequence("groups/2026", column="auth.Group.id")
    other = Sequence("groups/old", column="auth.Group.id")
    assert told(check_documents()) == [
        (
            "sequences.E007",
            (
                "Sequence 'groups/2026' is called like a part of sequence 'groups', "
                "and shares its counter."
            ),
            (
                "Give one of them another name. "
                "See docs/reference/checks.md#sequences-e007."
            ),
        )
    ]
    del yearly, by_hand, other


class Router:
    """Groups are written to `other`; counters, like the rest, to `default`."""

    def db_for_write(self, model: Any, **_hints: object) -> str | None:
        """Give the database of a model."""
        return "other" if model._meta.model_name == "group" else None

    def allow_migrate(
        self,
        db: str,
        app_label: str,
        model_name: str | None = None,
        **_hints: object,
    ) -> bool | None:
        """Keep counters to `default`."""
        return db == "default" if model_name == "sequence" else None


def test_a_counter_elsewhere_than_its_documents(settings: Any):
    """E003: no transaction spans two databases."""
    settings.DATABASE_ROUTERS = [Router()]
    here = Sequence("groups", column="auth.Group.id")
    there = Sequence("sound", column="auth.Group.id", using="other")
    assert told(check_documents()) == [
        (
            "sequences.E003",
            (
                "Sequence 'groups' is counted on database 'default', but auth.Group is "
                "written to 'other': no transaction spans both, so numbers can be lost."
            ),
            (
                "Declare it with using='other', and let the routers migrate "
                "'sequences' there. See docs/reference/checks.md#sequences-e003."
            ),
        )
    ]
    del here, there


def test_a_counter_on_a_database_that_does_not_exist():
    """E003: a name that was misspelt."""
    nowhere = Sequence("papers", column="auth.Group.id", using="nope")
    assert told(check_documents()) == [
        (
            "sequences.E003",
            (
                "Sequence 'papers' is counted on database 'nope', which is none of "
                "DATABASES."
            ),
            (
                "Declare it with using='default', where its documents are. See "
                "docs/reference/checks.md#sequences-e003."
            ),
        )
    ]
    del nowhere


@pytest.fixture
def options() -> Iterator[dict[str, Any]]:
    """The OPTIONS of the default database, to be changed by one test."""
    before = connection.settings_dict["OPTIONS"]
    connection.settings_dict["OPTIONS"] = after = dict(before)
    yield after
    connection.settings_dict["OPTIONS"] = before


@on_sqlite
@pytest.mark.parametrize("mode", [None, "DEFERRED"])
def test_sqlite_without_immediate(options: dict[str, Any], mode: str | None):
    """W001: Django's own default loses when two write at once."""
    options["transaction_mode"] = mode
    assert told(check_databases()) == [
        (
            "sequences.W001",
            (
                "Transactions on SQLite database 'default' begin as readers. Two that "
                "take a number at once fail with 'database is locked'."
            ),
            (
                "Set DATABASES['default']['OPTIONS']['transaction_mode'] = "
                "'IMMEDIATE'. See docs/reference/checks.md#sequences-w001."
            ),
        )
    ]


@on_sqlite
@pytest.mark.parametrize("mode", ["IMMEDIATE", "immediate", "EXCLUSIVE"])
def test_sqlite_with_immediate(options: dict[str, Any], mode: str):
    """Who locks at the beginning is told nothing."""
    options["transaction_mode"] = mode
    assert check_databases() == []


def levels() -> list[tuple[object, str]]:
    """Give the ways to write the levels that need retries, and their names."""
    if DATABASE in {"mariadb", "mysql"}:
        return [("serializable", "SERIALIZABLE")]
    if DATABASE == "postgresql":
        from django.db.backends.postgresql.psycopg_any import (  # noqa: PLC0415
            IsolationLevel,
        )

        return [
            (IsolationLevel.REPEATABLE_READ, "REPEATABLE READ"),
            (IsolationLevel.SERIALIZABLE, "SERIALIZABLE"),
            (IsolationLevel.SERIALIZABLE.value, "SERIALIZABLE"),
        ]
    return []


@pytest.mark.parametrize(("option", "level"), levels())
def test_a_level_that_needs_retries(
    options: dict[str, Any], option: object, level: str
):
    """W002: at these levels, transactions are ended instead of waiting."""
    options["isolation_level"] = option
    assert told(check_databases()) == [
        (
            "sequences.W002",
            (
                f"On database 'default' transactions run at {level}, where one that "
                f"takes a number after another did is ended by the database."
            ),
            (
                "Wrap the outermost transaction in sequences.retry_on_conflict. "
                "See docs/reference/checks.md#sequences-w002."
            ),
        )
    ]


@on_postgresql
def test_a_level_that_needs_none(options: dict[str, Any]):
    """READ COMMITTED is told nothing, whether by name or by number."""
    from django.db.backends.postgresql.psycopg_any import (  # noqa: PLC0415
        IsolationLevel,
    )

    for option in (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_COMMITTED.value):
        options["isolation_level"] = option
        assert check_databases() == []


@on_mariadb
def test_a_level_of_mariadb_that_needs_none(options: dict[str, Any]):
    """At these, a write meets the latest row."""
    for option in ("read committed", "repeatable read", None):
        options["isolation_level"] = option
        assert check_databases() == []


def test_atomic_requests():
    """I001: a view holds its sequences until it ends."""
    before = connection.settings_dict["ATOMIC_REQUESTS"]
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        messages = check_databases(databases=["default"])
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = before
    assert told(messages) == [
        (
            "sequences.I001",
            (
                "ATOMIC_REQUESTS is on for database 'default': a view that takes a "
                "number holds its sequence until the view ends."
            ),
            (
                "Take the number late in the view, or mark the view with "
                "transaction.non_atomic_requests. "
                "See docs/reference/checks.md#sequences-i001."
            ),
        )
    ]


@on_sqlite
def test_databases_without_counters_are_not_looked_at(
    options: dict[str, Any], settings: Any
):
    """Where routers keep no counters, no setting of the database matters."""
    options["transaction_mode"] = None
    settings.DATABASE_ROUTERS = [Router()]
    assert [each.id for each in check_databases()] == ["sequences.W001"]
    assert check_databases(databases=["other"]) == []


@pytest.mark.skipif(not REFERENCE.exists(), reason="The documentation is not here.")
@pytest.mark.parametrize(
    "number",
    [
        *("E001", "E002", "E003", "E004", "E005", "E006", "E007"),
        *("W001", "W002", "W003", "W004", "W005", "I001"),
    ],
)
def test_the_documentation_has_the_place_that_the_hint_names(number: str):
    """A hint's anchor is a heading or a target of the reference."""
    text = REFERENCE.read_text(encoding="utf-8")
    anchor = f"sequences-{number.lower()}"
    targets = re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)
    headings = [
        re.sub(r"[^\w-]", "", heading.lower().replace(".", "-").replace(" ", "-"))
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    ]
    assert anchor in targets + headings


class TestANumberField:
    """E004, W003: the columns that go with a number."""

    @pytest.fixture
    def models_of(self, monkeypatch: pytest.MonkeyPatch):
        """Show the check these models alone."""

        def show(*models: type[Model]) -> list[CheckMessage]:
            monkeypatch.setattr(apps, "get_models", lambda: models)
            return list(check_number_fields())

        return show

    @isolate_apps("tests.documents")
    def test_columns_in_the_wrong_order(self, models_of: Any):
        """What is read stands above the number, what is set below."""

        class Note(Model):  # noqa: DJ008 - nobody looks at one
            code = CharField(max_length=20)
            number = NumberField(
                Sequence("notes", format="N{period:%Y}-{value}", period="year"),
                on="day",
                text="code",
                unique=True,
            )
            day = DateField()

            class Meta:
                app_label = "documents"

        hint = (
            "Name a field of the model. Declare the date and the scope above the "
            "number, its text and its period below. "
            "See docs/reference/checks.md#sequences-e004."
        )
        assert told(models_of(Note)) == [
            (
                "sequences.E004",
                "documents.Note.number reads 'day', which is no field above it.",
                hint,
            ),
            (
                "sequences.E004",
                "documents.Note.number sets 'code', which is no field below it.",
                hint,
            ),
        ]

    @isolate_apps("tests.documents")
    def test_a_text_that_no_number_fits_into(self, models_of: Any):
        """Databases refuse it, or cut it, when the first number is saved."""

        class Note(Model):  # noqa: DJ008 - nobody looks at one
            day = DateField()
            number = NumberField(
                Sequence("notes", format="N-{period:%Y}-{value:04d}", period="year"),
                on="day",
                text="code",
            )
            code = CharField(max_length=10, unique=True)

            class Meta:
                app_label = "documents"

        assert told(models_of(Note)) == [
            (
                "sequences.E005",
                (
                    "documents.Note.code takes 10 characters, and "
                    "'N-{period:%Y}-{value:04d}' prints 11 at the least."
                ),
                (
                    "Give it max_length=11 or more. "
                    "See docs/reference/checks.md#sequences-e005."
                ),
            )
        ]

    @isolate_apps("tests.documents")
    def test_a_sequence_that_names_another_column(self, models_of: Any):
        """Audits and the counter would look at documents of another kind."""

        class Note(Model):  # noqa: DJ008 - nobody looks at one
            number = NumberField(
                Sequence("notes", column="documents.Order.number"), unique=True
            )

            class Meta:
                app_label = "documents"

        assert told(models_of(Note)) == [
            (
                "sequences.W005",
                (
                    "documents.Note.number has the numbers of sequence 'notes', whose "
                    "column is 'documents.Order.number'."
                ),
                (
                    "Name the same field in both, or give each a sequence of its own: "
                    "audits look at one column. "
                    "See docs/reference/checks.md#sequences-w005."
                ),
            )
        ]

    @isolate_apps("tests.documents")
    def test_the_key_of_a_foreign_key_is_a_name_too(self, models_of: Any):
        """Either name of the field tells the scope."""

        class Note(Model):  # noqa: DJ008 - nobody looks at one
            parent = ForeignKey("self", CASCADE)
            number = NumberField(
                Sequence("notes", scope=("parent",)),
                scope={"parent": "parent_id"},
                unique=True,
            )

            class Meta:
                app_label = "documents"

        assert models_of(Note) == []

    @isolate_apps("tests.documents")
    def test_a_number_that_may_be_there_twice(self, models_of: Any):
        """The database is to refuse it, whatever went wrong before."""

        class Note(Model):  # noqa: DJ008 - nobody looks at one
            number = NumberField(Sequence("notes"))

            class Meta:
                app_label = "documents"

        assert told(models_of(Note)) == [
            (
                "sequences.W003",
                (
                    "Nothing in the database keeps documents.Note.number from being on "
                    "two documents."
                ),
                (
                    "Add unique=True to it or to its text, or a UniqueConstraint on "
                    "the number with its period and scope. "
                    "See docs/reference/checks.md#sequences-w003."
                ),
            )
        ]

    @isolate_apps("tests.documents")
    def test_unique_within_its_part(self, models_of: Any):
        """A constraint over several columns will do."""

        class Note(Model):  # noqa: DJ008 - nobody looks at one
            branch = CharField(max_length=20)
            number = NumberField(Sequence("notes", scope=("branch",)))

            class Meta:
                app_label = "documents"
                constraints = (
                    UniqueConstraint(fields=["branch", "number"], name="once"),
                )

        assert models_of(Note) == []


@pytest.mark.django_db
class TestACounterBehind:
    """W004: as after a restore."""

    def behind(self) -> list[str]:
        """Give what the check says of the sequences of the test documents."""
        messages = check_counters(databases=["default"])
        assert {message.id for message in messages} <= {"sequences.W004"}
        return [message.msg for message in messages]

    def test_all_is_well(self):
        """Without documents, and with documents of its own numbers."""
        assert self.behind() == []
        with transaction.atomic():
            Bill.objects.create()
        assert self.behind() == []

    def test_without_being_told_it_asks_no_database(self):
        """As Django's own checks of databases."""
        NumberDocument.run(document=(order := Order()), value=7)
        order.save()
        assert list(check_counters()) == []

    def test_it_is_told(self):
        """The counter did not move along; then it is realigned."""
        NumberDocument.run(document=(order := Order()), value=7)
        order.save()
        [message] = check_counters(databases=["default"])
        assert told([message]) == [
            (
                "sequences.W004",
                (
                    "Sequence 'cases' has given out none, and documents have "
                    "its numbers up to 7: it would give out numbers that exist."
                ),
                (
                    "Run AdoptNumbers, or 'python manage.py set_sequence "
                    "cases 7'. See docs/reference/checks.md#sequences-w004."
                ),
            )
        ]
        AdoptNumbers.run(sequence=order_numbers)
        assert self.behind() == []

    def test_each_part_is_told(self):
        """By the names of its counters, whatever is in them."""
        with transaction.atomic():
            Bill.objects.create(branch="K1")
        for branch, value in (("K1", 1), ("K2", 4)):
            bill = Bill(branch=branch, day=date(2025, 1, 1))
            NumberDocument.run(document=bill, value=value)
            bill.save()
        assert self.behind() == [
            (
                "Sequence 'slips/2025/K1' has given out none, and documents "
                "have its numbers up to 1: it would give out numbers that exist."
            ),
            (
                "Sequence 'slips/2025/K2' has given out none, and documents "
                "have its numbers up to 4: it would give out numbers that exist."
            ),
        ]

    def test_a_number_beside_the_step_tells_nothing(self):
        """The sequence will never give it out."""
        for value in (1, 8):
            Letter.objects.create(number=value)
        odd = Sequence("odd", increment=2, column="documents.Letter.number")
        [behind] = counters_behind(odd)
        assert behind.documents == 1

    @pytest.mark.parametrize(
        "column", ["documents_order.number", "documents_bill.counted_in"]
    )
    def test_a_column_that_is_not_there_yet_tells_nothing(self, column: str):
        """The checks run before ``migrate`` adds it."""
        table, name = map(connection.ops.quote_name, column.split("."))
        rename = f"ALTER TABLE {table} RENAME COLUMN {{}} TO {{}}"
        with connection.cursor() as cursor:
            cursor.execute(rename.format(name, "aside"))
        try:
            assert self.behind() == []
        finally:
            with connection.cursor() as cursor:
                cursor.execute(rename.format("aside", name))

    def test_a_document_that_tells_no_part_is_behind_none(self):
        """There is no counter that could be moved for it."""
        Visit.objects.create(at=datetime(2026, 5, 4, tzinfo=UTC))
        Visit.objects.update(number=5)
        assert list(counters_behind(visit_numbers)) == []

    def test_counting_down_the_highest_number_is_the_first(self):
        """It was given out before all others, and tells nothing."""
        NumberDocument.run(document=(order := Order()), value=7)
        order.save()
        AdoptNumbers.run(sequence=order_numbers)
        down = Sequence(
            "down", 9, increment=-1, min_value=0, column="documents.Order.number"
        )
        assert list(counters_behind(down)) == []

    def test_a_column_of_two_sequences_is_not_compared(self):
        """The highest number may be the other's, which counts elsewhere."""
        NumberDocument.run(document=(order := Order()), value=7)
        order.save()
        assert len(self.behind()) == 1
        other = Sequence("other", column="documents.Order.number")
        assert self.behind() == []
        assert list(counters_behind(other)) == []

    def test_issuing_is_refused_until_it_is_realigned(self):
        """By each draw, and to whoever asks beforehand."""
        for value in (1, 2):
            NumberDocument.run(document=(order := Order()), value=value)
            order.save()
        with pytest.raises(DocumentsAhead, match="ahead of it by 2, at 2") as asked:
            require_aligned(order_numbers)
        for _ in range(2):
            with pytest.raises(DocumentsAhead) as refused:
                self.issue()
            assert refused.value.facts == asked.value.facts
        assert get_last_value("cases") is None
        AdoptNumbers.run(sequence=order_numbers)
        require_aligned(order_numbers)
        assert self.issue() == 3

    def test_of_a_series_the_part_that_is_behind_is_told(self):
        """By the name of its counter, and how far it is behind."""
        with transaction.atomic():
            Bill.objects.create(branch="K1", day=DAY)
        NumberDocument.run(document=(bill := Bill(branch="K2", day=DAY)), value=4)
        bill.save()
        with pytest.raises(DocumentsAhead) as ahead:
            require_aligned(bill_numbers)
        assert ahead.value.facts == {
            "sequence": "slips/2025/K2",
            "source": "its counter",
            "stands": None,
            "documents": 4,
            "by": 4,
        }

    def test_a_part_is_asked_of_its_series(self):
        """A part does not know which others have their numbers beside its own."""
        part = bill_numbers.of(on=DAY, scope={"branch": "K1"})
        with pytest.raises(InvalidSequence, match="Ask for the series"):
            require_aligned(part)

    def test_who_does_not_say_where_its_numbers_are_is_refused(self):
        """Silence would mean that all is well."""
        with pytest.raises(InvalidSequence, match="Declare column="):
            require_aligned(Sequence("somewhere"))

    def issue(self) -> int | None:
        """Issue an order."""
        with transaction.atomic():
            NumberDocument.run(document=(order := Order()))
            order.save()
        return order.number
