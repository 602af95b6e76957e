"""System checks: each with its whole message, and its place in the documentation."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connection

from sequences import Sequence
from sequences.checks import check_databases, check_distribution, check_documents
from tests.sequences.marks import DATABASE, on_mariadb, on_postgresql, on_sqlite

REFERENCE = Path(__file__).parent.parent.parent / "docs/reference/checks.md"


def told(messages: list[CheckMessage]) -> list[tuple[str | None, str, str | None]]:
    """Give id, message and hint of each."""
    return [(each.id, each.msg, each.hint) for each in messages]


def test_a_sound_project_is_told_nothing():
    """The settings of these tests are as they should be; all checks are registered."""
    registered = checks.registry.registry.get_checks()
    assert {check_distribution, check_documents, check_databases} <= set(registered)
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
    if DATABASE == "mariadb":
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
@pytest.mark.parametrize("number", ["E001", "E002", "E003", "W001", "W002", "I001"])
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
