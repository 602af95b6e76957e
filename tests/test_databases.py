"""The session runs on the database it names, and the servers it starts end with it."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pymysql
import pytest
from django.conf import settings
from django.db import connection, connections

from tests import databases
from tests.__main__ import run_on
from tests.databases import DatabaseUnavailableError, configure, new_server
from tests.servers import NAMES, Server

on_a_server = pytest.mark.skipif(
    settings.TEST_DATABASE in {"sqlite", "mysql"},
    reason="SQLite has no server, and MySQL's is not ours.",
)


@pytest.fixture
def server():
    """A durable server of the session's kind, started for one test."""
    server = new_server(settings.TEST_DATABASE, durable=True).start()
    yield server
    if server.directory.exists():
        server.remove()


@pytest.mark.django_db(databases=["default", "other"])
@pytest.mark.parametrize("alias", ["default", "other"])
def test_both_aliases_are_of_the_named_kind(alias: str):
    """TEST_DATABASE decides what `default` and `other` are."""
    database = connections[alias]
    kind = "mariadb" if getattr(database, "mysql_is_mariadb", False) else ""
    assert (kind or database.vendor) == settings.TEST_DATABASE


@pytest.mark.django_db(databases=["default", "other"])
def test_the_two_databases_are_two():
    """What is written to `default` is not in `other`."""
    with connections["default"].cursor() as cursor:
        cursor.execute("INSERT INTO auth_group (name) VALUES ('only here')")
    with connections["other"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM auth_group")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_another_process_opens_the_database_under_test():
    """A process with these settings sees what a test has committed."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO auth_group (name) VALUES ('committed')")
    ended = _python("""
        import django
        django.setup()
        from django.contrib.auth.models import Group
        print(*Group.objects.values_list("name", flat=True))
    """)
    assert ended.stdout == "committed\n", ended.stderr


@pytest.mark.skipif(settings.TEST_DATABASE != "sqlite", reason="About SQLite.")
@pytest.mark.django_db
def test_sqlite_is_a_file_whose_writers_queue():
    """Several connections share the file, and wait for each other."""
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()
        patience_ms = cursor.execute("PRAGMA busy_timeout").fetchone()
    assert (journal, patience_ms) == (("wal",), (20_000,))
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert Path(connection.settings_dict["NAME"]).exists()


@on_a_server
def test_a_killed_server_keeps_what_it_acknowledged(server: Server):
    """After `kill`, `start` serves the same data at the same URL."""
    url = server.url
    with closing(server.connect(NAMES[0])) as session:
        session.cursor().execute("CREATE TABLE acknowledged (number int)")
        session.cursor().execute("INSERT INTO acknowledged VALUES (7)")
        server.kill()

    server.start()

    with closing(server.connect(NAMES[0])) as session, session.cursor() as cursor:
        cursor.execute("SELECT number FROM acknowledged")
        assert cursor.fetchone() == (7,)
    assert server.url == url


@on_a_server
def test_a_server_stands_still_while_stopped(server: Server):
    """After `stop` nobody answers; after `start` somebody does."""
    server.stop()
    with pytest.raises((psycopg.OperationalError, pymysql.OperationalError)):
        server.connect()
    server.start().connect().close()


@on_a_server
def test_a_removed_server_leaves_nothing(server: Server):
    """`remove` ends the process and deletes the data."""
    assert server.process
    pid = server.process.pid
    server.remove()
    assert not _runs(pid)
    assert not server.directory.exists()


@on_a_server
def test_a_killed_process_takes_its_server_along():
    """Whoever kills a test run need not look for its servers."""
    ended = _python(f"""
        import os, signal
        from tests.databases import new_server
        server = new_server({settings.TEST_DATABASE!r}).start()
        print(server.process.pid, server.directory, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    pid, directory = ended.stdout.split()
    deadline = time.monotonic() + 20
    while _runs(int(pid)):
        assert time.monotonic() < deadline, "the server outlived its process"
        time.sleep(0.02)
    shutil.rmtree(directory)


def test_a_url_says_where_the_databases_are(monkeypatch: pytest.MonkeyPatch):
    """TEST_POSTGRESQL_URL is used as it is; `other` is the database beside it."""
    url = "postgresql://me:p%40ss@db.example:5433/work?sslmode=require"
    monkeypatch.setenv("TEST_POSTGRESQL_URL", url)
    default = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "work",
        "HOST": "db.example",
        "PORT": "5433",
        "USER": "me",
        "PASSWORD": "p@ss",
        "OPTIONS": {"sslmode": "require"},
    }
    assert configure("postgresql") == {
        "default": default,
        "other": default | {"NAME": "work_other"},
    }


@pytest.fixture
def no_mariadb(monkeypatch: pytest.MonkeyPatch):
    """A machine without MariaDB, on which nothing may be installed."""
    monkeypatch.delenv("TEST_MARIADB_URL", raising=False)
    monkeypatch.setattr(databases, "_mariadb_programs", lambda: None)
    monkeypatch.setattr(databases, "_install_mariadb", lambda: None)


MISSING = (
    "No MariaDB for the tests: TEST_MARIADB_URL is not set, and no server program was "
    "found. To have it: `apt-get install mariadb-server-core mariadb-client-core`, or "
    "set TEST_MARIADB_URL."
)


def test_database_url_is_not_for_tests(
    no_mariadb: None, monkeypatch: pytest.MonkeyPatch
):
    """DATABASE_URL may be production's: it is never read."""
    monkeypatch.setenv("DATABASE_URL", "mysql://root@127.0.0.1/production")
    with pytest.raises(DatabaseUnavailableError) as refusal:
        configure("mariadb")
    assert str(refusal.value) == MISSING


def test_a_missing_database_is_a_skip_that_says_so(
    no_mariadb: None, monkeypatch: pytest.MonkeyPatch
):
    """The summary counts a database that is not there as skipped, with the remedy."""
    monkeypatch.delenv("REQUIRE_DATABASES", raising=False)
    outcome = run_on("mariadb", [])
    assert outcome.title == "MariaDB NOT TESTED"
    assert outcome.skips == {MISSING: 1}
    assert str(outcome) == "0 passed, 0 failed, 1 skipped"


def test_a_missing_database_that_is_required_is_a_failure(
    no_mariadb: None, monkeypatch: pytest.MonkeyPatch
):
    """REQUIRE_DATABASES turns the skip into a failure."""
    monkeypatch.setenv("REQUIRE_DATABASES", "postgresql,mariadb")
    outcome = run_on("mariadb", [])
    assert outcome.title == "MariaDB NOT TESTED, though required"
    assert outcome.note == MISSING
    assert str(outcome) == "0 passed, 1 failed, 0 skipped"


def test_an_unknown_database_is_refused():
    """A misspelt TEST_DATABASE does not silently test another one."""
    with pytest.raises(ValueError, match="sqlite, postgresql, mariadb") as refusal:
        configure("postgres")
    assert str(refusal.value) == (
        "TEST_DATABASE is 'postgres'; it may be one of sqlite, postgresql, mariadb, "
        "mysql."
    )


def _python(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(program)]
    settings_module = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
        env=os.environ | settings_module,
    )


def _runs(pid: int) -> bool:
    """Tell whether the process is there, and not just waiting to be collected."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
