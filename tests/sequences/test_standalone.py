"""`python -m sequences`: any database at a URL, without a project."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from sequences import InvalidDatabase, get_next_value
from sequences.standalone import DatabaseURL, without_secrets
from tests.sequences.ledger.legacy import day, table
from tests.sequences.marks import autocommit, on_mariadb, on_postgresql, on_sqlite

SECRET = "hunter2"


def url() -> str:
    """Give the URL of the database under test."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(place['NAME']))}"
    scheme = settings.TEST_DATABASE
    return f"{scheme}://{place['USER']}@{place['HOST']}:{place['PORT']}/{place['NAME']}"


def run(*arguments: str, database: str | None = None) -> tuple[int, str, str]:
    """Run a command in a process that knows no project; give exit code and output."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "DJANGO_SETTINGS_MODULE"
    }
    command, *others = arguments
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sequences",
            command,
            "--database",
            database or url(),
            *others,
        ],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


COLUMN = ("--table=invoices", "--column=number")


@autocommit
class TestALegacyDatabase:
    """On a database that Django never saw: only its own table counts."""

    def test_the_whole_story(self, tmp_path):
        """Audited, adopted, and issuing goes on at 413."""
        with table() as invoices:
            invoices.write(*range(1, 413))
            invoices.delete([17, 100, 101])
            invoices.write(55)
            invoices.delete([200])
            invoices.write(200, on=day(0))
            code, text, _ = run("audit", *COLUMN, "--order-by=dated")
            assert code == 1
            assert (
                "Missing, unexplained (2):\n"
                "  17\n"
                "  100 to 101 (2)\n"
                "\n"
                "On several documents (1):\n"
                "  55, on 2 documents\n"
                "\n"
                "Out of order (1):\n"
                f"  200 of {day(0)}, after {day(199)}\n"
                "\n"
                "4 findings are unexplained.\n"
            ) in text

            assert run("adopt", *COLUMN, "--sequence=invoices") == (
                0,
                (
                    "Sequence 'invoices' does not exist, and would move to 412, 412 "
                    "further. Nothing was written; add --write.\n"
                ),
                "",
            )
            assert run("adopt", *COLUMN, "--sequence=invoices", "--write") == (
                0,
                (
                    "Sequence 'invoices' did not exist, and stands at 412 now, 412 "
                    "further.\n"
                ),
                "",
            )
            assert run("next", "--sequence=invoices", "--write") == (0, "413\n", "")
            assert run("list")[1] == "                413  invoices\n"

            invoices.write(413)
            file = tmp_path / "audit.json"
            report = ("--as=json", f"--output={file}")
            assert run("audit", *COLUMN, "--sequence=invoices", *report)[0] == 1
            [audit] = json.loads(file.read_text())["audits"]
            assert (audit["given_out"], audit["behind"], audit["missing"]) == (
                413,
                0,
                3,
            )

    def test_printed_numbers(self):
        """Each year of them, by their text alone; its counter can be compared."""
        get_next_value("bills/2026", 3)
        with table(kind="varchar(40)") as invoices:
            invoices.write("B-2025-01", "B-2025-04", "B-2026-01", "B2026", on=day(1))
            by_text = (*COLUMN, "--format=B-{period:%Y}-{value:02d}")
            code, text, _ = run("audit", *by_text, "--sequence=bills")
            assert code == 1
            assert (
                "Parts (2):\n"
                "  2025: 1 to 4, on 2 documents; 2 missing; its counter has given out "
                "none, 4 behind the documents: adopt their numbers\n"
                "  2026: 1 to 1, on 1 document; 2 missing; its counter stands at 3\n"
                "\n"
                "Missing, unexplained (2):\n"
                "  2025: 2 to 3 (2)\n"
                "  2026: 2 to 3 (2)\n"
                "\n"
                "Not possible in this series (1):\n"
                "  B2026\n"
                "\n"
                "4 findings are unexplained.\n"
            ) in text
            _, text, _ = run("audit", *by_text, "--as=csv")
            assert text == (
                "column,part,finding,first,last,count,detail\n"
                'invoices.number,2025,"Missing, unexplained",2,3,2,\n'
                "invoices.number,,Not possible in this series,B2026,B2026,1,\n"
            )
            _, text, _ = run("audit", *by_text, "--as=json")
            [found] = json.loads(text)["audits"]
            assert [part["part"] for part in found["by_part"]["listed"]] == [
                "2025",
                "2026",
            ]
            _, text, _ = run("audit", *by_text, "--as=html")
            assert text.count("<svg") == 2
            assert '<html lang="en">' in text  # no project tells another language

    def test_columns_that_tell_the_part(self):
        """Each day of numbers."""
        with table() as invoices:
            invoices.write(1, 3, on=day(1))
            code, text, _ = run("audit", *COLUMN, "--by=dated")
        assert code == 1
        assert f"Missing, unexplained (1):\n  {day(1)}: 2\n" in text

    @pytest.mark.parametrize(
        ("template", "sentence"),
        [
            ("B{period:%Y}", "Format 'B{period:%Y}': it shows the number 0 times."),
            ("{0.__class__}", "Format '{0.__class__}': at position 0: there is no"),
        ],
    )
    def test_a_format_that_makes_no_sense(self, template, sentence):
        """It is told what is wrong with it."""
        with table(kind="varchar(40)"):
            code, _, error = run("audit", *COLUMN, f"--format={template}")
        assert code == 2
        assert error.startswith(sentence)

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            (
                ["--sequence=invoice"],
                (
                    "Sequence 'invoice': the database has no such counter. Did you "
                    "mean 'invoices'? See 'list', or leave it out.\n"
                ),
            ),
            (["--period=year"], "--period means nothing without --format.\n"),
            (
                ["--fiscal-year-starts=04-01"],
                "--fiscal-year-starts means nothing without --format.\n",
            ),
            (
                ["--format=B{value}", "--by=dated"],
                (
                    "Column 'invoices.number': its numbers have no parts, and by names "
                    "some. Leave it out.\n"
                ),
            ),
            (
                ["--first=99999999999999999999"],
                (
                    "AuditNumbers refuses its inputs, one problem:\n  first must be a "
                    "number of a counter, got int 99999999999999999999\n"
                ),
            ),
        ],
    )
    def test_options_that_make_no_sense(self, options, sentence):
        """None of them is left aside silently."""
        get_next_value("invoices")
        with table() as invoices:
            invoices.write(1)
            assert run("audit", *COLUMN, *options) == (2, "", sentence)

    @on_postgresql
    def test_a_table_of_another_schema(self):
        """It is found on the search_path, not by a dot."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA acc CREATE TABLE books (number integer)")
        try:
            where = ("--column=number", "--table")
            assert run("audit", *where, "acc.books") == (
                2,
                "",
                (
                    "Table 'acc.books': there is no table 'acc.books' on the "
                    "search_path. Leave the schema out, and put it on the path, as "
                    "?options=-csearch_path%3Dschema does in a URL.\n"
                ),
            )
            path = f"{url()}?options=-csearch_path%3Dacc"
            assert run("audit", *where, "books", database=path)[0] == 0
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA acc CASCADE")

    @on_mariadb
    def test_a_broken_view_is_told(self):
        """And the tables behind it are described."""
        with table("zz", "number"), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE gone (number integer)")
            cursor.execute("CREATE VIEW broken AS SELECT number FROM gone")
            cursor.execute("DROP TABLE gone")
            try:
                code, text, _ = run("describe")
            finally:
                cursor.execute("DROP VIEW broken")
        assert code == 0
        assert "\nbroken\n  cannot be read: (1356, " in text
        assert "\nzz\n  number " in text

    @on_mariadb
    @pytest.mark.parametrize(
        ("option", "sentence"),
        [
            ("charset=bogus", "'NoneType' object has no attribute 'encoding'"),
            (
                "connect_timeout=0",
                "connect_timeout should be >0 and <=31536000",
            ),
        ],
    )
    def test_what_a_driver_refuses(self, option: str, sentence: str):
        """It is told in one sentence; 1 would mean that something is unexplained."""
        assert run("list", database=f"{url()}?{option}") == (
            2,
            "",
            (
                f"The database cannot be used: its driver refuses the user, password "
                f"or options of its URL: {sentence}.\n"
            ),
        )

    @on_mariadb
    def test_a_password_that_the_driver_cannot_encode(self):
        """Not even one character of it is shown."""
        secret = url().replace("@", f":{quote('Я')}@")
        code, text, error = run("list", database=secret)
        assert (code, text, error) == (
            2,
            "",
            (
                "The database cannot be used: its driver refuses the user, password "
                "or options of its URL: they cannot be encoded.\n"
            ),
        )

    def test_a_clean_column_ends_with_0(self):
        """For CI."""
        with table() as invoices:
            invoices.write(1, 2, 3)
            code, text, error = run("audit", *COLUMN)
        assert (code, error) == (0, "")
        assert text.endswith("Nothing is unexplained.\n")

    def test_tables_are_described(self):
        """To find the columns that can be audited."""
        with table():
            _, text, _ = run("describe", "--table=invoices")
        kind = "may hold numbers" if connection.vendor == "sqlite" else "DateField"
        assert text == (
            "invoices\n"
            "  number                         may hold numbers\n"
            f"  dated                          {kind}\n"
        )

    def test_a_refusal_ends_with_1(self):
        """The counter has passed the documents."""
        get_next_value("invoices", 99)
        with table() as invoices:
            invoices.write(1, 2)
            code, _, error = run("adopt", *COLUMN, "--sequence=invoices", "--write")
        assert code == 1
        assert error.startswith(
            "Sequence 'invoices' stands at 99 and cannot be set back to 2:"
        )

    def test_nothing_is_taken_without_write(self):
        """A number that is taken is written."""
        code, _, error = run("next", "--sequence=invoices")
        assert (code, error) == (
            2,
            ("No number was taken: that is written to the database. Add --write.\n"),
        )

    def test_the_nearest_name_is_suggested(self):
        """A wrong name is misuse."""
        with table():
            code, _, error = run("audit", "--table=invoice", "--column=number")
        assert (code, error) == (
            2,
            "Table 'invoice': there is no table 'invoice'. Did you mean 'invoices'?\n",
        )


@autocommit
def test_without_write_the_database_refuses_every_change():
    """Read-only is the database's word, not our discipline."""
    program = """if True:
        import sys
        from django.db import DatabaseError, connection
        from sequences.standalone import set_up
        set_up(sys.argv[1])
        try:
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO invoices VALUES (1, '2009-01-01')")
        except DatabaseError as error:
            print("refused", error)
    """
    with table():
        done = subprocess.run(
            [sys.executable, "-c", program, url()],
            check=True,
            capture_output=True,
            text=True,
        )
    assert done.stdout.startswith("refused")
    assert "read" in done.stdout.lower()


@on_sqlite
class TestAFile:
    """A database in a file, that has no table of ours."""

    @pytest.fixture
    def file(self, tmp_path):
        """A file with one table, its name as odd as file names are."""
        path = tmp_path / "old # books?.db"
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE invoices (number INTEGER)")
            database.executemany("INSERT INTO invoices VALUES (?)", [(1,), (3,)])
        database.close()
        return f"sqlite:///{quote(str(path))}"

    def test_auditing_writes_nothing(self, file):
        """The report names the file, and not what we call it inside."""
        code, text, error = run("audit", *COLUMN, database=file)
        assert (code, error) == (1, "")
        assert text.startswith("invoices.number on database 'sqlite:///")
        assert text.splitlines()[0].endswith("old # books?.db'")
        assert run("list", database=file) == (
            0,
            "There are no counters in this database.\n",
            "",
        )

    def test_a_report_is_not_written_over_the_database(self, file, tmp_path):
        """Nor over what SQLite keeps beside it, by whatever name."""
        path = tmp_path / "old # books?.db"
        (tmp_path / "link.db").hardlink_to(path)
        before = path.read_bytes()
        for name in (path.name, f"{path.name}-wal", "link.db"):
            output = str(tmp_path / name)
            code, text, error = run(
                "audit", *COLUMN, f"--output={output}", database=file
            )
            assert (code, text) == (2, "")
            assert error == (
                f"The report was not written: {output!r} is a file of the database. "
                f"Name another one.\n"
            )
        assert path.read_bytes() == before
        assert not (tmp_path / f"{path.name}-wal").exists()

    def test_columns_are_told_by_what_they_were_declared_for(self, file, tmp_path):
        """A view that is broken is told, and the others follow."""
        with sqlite3.connect(tmp_path / "old # books?.db") as database:
            database.execute("CREATE TABLE gone (number)")
            database.execute("CREATE VIEW broken AS SELECT number FROM gone")
            database.execute("DROP TABLE gone")
            database.execute(
                "CREATE TABLE papers (code VARCHAR(9), price DOUBLE, amount DECIMAL,"
                " number BIGINT, anything)"
            )
        database.close()
        code, text, error = run("describe", database=file)
        assert (code, error) == (0, "")
        assert text == (
            "broken\n"
            "  cannot be read: no such table: main.gone\n"
            "invoices\n"
            "  number                         may hold numbers\n"
            "papers\n"
            "  code                           VARCHAR(9)\n"
            "  price                          DOUBLE\n"
            "  amount                         may hold numbers\n"
            "  number                         may hold numbers\n"
            "  anything                       may hold numbers\n"
        )

    def test_all_of_our_tables_are_made_or_none(self, file, tmp_path):
        """Where one cannot be made, the next attempt does not find half of them."""
        with sqlite3.connect(tmp_path / "old # books?.db") as database:
            database.execute("CREATE TABLE sequences_ledgerentry (id INTEGER)")
        take = ("next", "--sequence=x", "--write", "--create-table")
        for _ in range(2):
            code, text, error = run(*take, database=file)
            assert (code, text) == (2, "")
            assert error == 'table "sequences_ledgerentry" already exists\n'
            assert run("list", database=file)[1] == (
                "There are no counters in this database.\n"
            )
        database.execute("DROP TABLE sequences_ledgerentry")
        database.close()
        assert run(*take, database=file) == (0, "1\n", "")

    def test_what_is_to_be_added_is_told_at_once(self, file):
        """A dry run tells all that the real one needs."""
        _, text, _ = run("adopt", *COLUMN, "--sequence=x", database=file)
        assert text == (
            "Sequence 'x' does not exist, and would move to 3, 3 further. Nothing was "
            "written; add --write and --create-table.\n"
        )

    def test_our_tables_are_made_if_asked(self, file):
        """Not before."""
        take = ("next", "--sequence=x", "--write")
        assert run(*take, database=file) == (
            2,
            "",
            (
                "The database cannot be used: it has no table of counters. Add "
                "--create-table.\n"
            ),
        )
        assert run(*take, "--create-table", database=file) == (0, "1\n", "")
        assert run(*take, database=file) == (0, "2\n", "")

    def test_a_file_that_is_no_database(self, tmp_path):
        """It is told as what it is."""
        (tmp_path / "x.db").write_text("no database " * 100)
        code, _, error = run("list", database=f"sqlite:///{tmp_path}/x.db")
        assert (code, error) == (2, "file is not a database\n")


class TestURL:
    """Where a database is."""

    def test_a_server(self):
        """Everything in its place, and unquoted."""
        database = DatabaseURL.parse(
            "postgres://me:p%40ss@db.example:5433/our%20books?sslmode=require"
        )
        assert database == DatabaseURL(
            vendor="postgresql",
            name="our books",
            host="db.example",
            port="5433",
            user="me",
            password="p@ss",
            options={"sslmode": "require"},
        )
        assert "p@ss" not in repr(database)

    @pytest.mark.parametrize(
        ("url", "path"),
        [("sqlite:///books.db", "books.db"), ("sqlite:////srv/b.db", "/srv/b.db")],
    )
    def test_a_file(self, url, path):
        """Three strokes for a relative path, four for an absolute one."""
        assert DatabaseURL.parse(url) == DatabaseURL(vendor="sqlite", name=path)

    def test_what_the_user_says_does_not_unlock(self):
        """Read-only comes last."""
        database = DatabaseURL.parse(
            "postgresql://h/x?options=-c%20default_transaction_read_only%3Doff"
        )
        assert database.settings(writes=False)["OPTIONS"]["options"] == (
            "-c default_transaction_read_only=off -c default_transaction_read_only=on"
        )

    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            (
                "postgress://h/x",
                (
                    "scheme 'postgress' of its URL is not known. Did you mean "
                    "'postgres'? Write sqlite, postgresql, mariadb or mysql."
                ),
            ),
            (
                "oracle://h/x",
                (
                    "scheme 'oracle' of its URL is not known. Write sqlite, "
                    "postgresql, mariadb or mysql."
                ),
            ),
            (
                "books.db",
                "its URL begins with no scheme: sqlite, postgresql, mariadb or mysql.",
            ),
            (
                "",
                "its URL begins with no scheme: sqlite, postgresql, mariadb or mysql.",
            ),
            ("postgresql://h", "its URL names no database: scheme://host/name."),
            ("postgresql://h/x\n", "its URL holds spaces. Write them as %20."),
            ("postgresql://h/x#y", "its URL holds a '#'. Write it as %23."),
            (
                f"postgresql://me:{SECRET}/@h:x/y",
                "its URL has no valid host and port. Quote special characters.",
            ),
            (
                f"postgresql://me:{SECRET}@h:99999/y",
                "its URL has no valid host and port. Quote special characters.",
            ),
            (
                "sqlite://books.db",
                "its URL names no database: scheme://host/name.",
            ),
            (
                "sqlite://host/books.db",
                "a file has no host. Write sqlite:///path or sqlite:////path.",
            ),
            (
                "postgresql://h/x?sslmod=require",
                "its URL has an unknown option 'sslmod'. Did you mean 'sslmode'?",
            ),
            (
                f"postgresql://ada:a@b/c?{SECRET}@localhost/books",
                (
                    "its URL has an unknown option. Known are application_name, "
                    "connect_timeout, options, sslcert, sslkey, sslmode, sslrootcert."
                ),
            ),
            (
                f"mysql://h/x?password={SECRET}",
                (
                    "its URL has an unknown option 'password'. Known are charset, "
                    "connect_timeout, ssl_ca, unix_socket."
                ),
            ),
            (
                "mysql://h/x?" + "&".join(21 * ["connect_timeout=9"]),
                "its URL has more than 20 options.",
            ),
            (
                "mysql://h/x?connect_timeout=soon",
                "option 'connect_timeout' in its URL is not a number.",
            ),
        ],
    )
    def test_what_cannot_be_used(self, url, reason):
        """It is told what is wrong, and no password."""
        with pytest.raises(InvalidDatabase) as refusal:
            DatabaseURL.parse(url)
        assert str(refusal.value) == f"The database cannot be used: {reason}"
        assert SECRET not in str(refusal.value)

    def test_reports_name_it_without_what_is_secret(self):
        """By its place and name alone; an address with colons stands in brackets."""
        url = f"postgresql://ada:{SECRET}@[::1]:5432/books?sslmode=require"
        assert DatabaseURL.parse(url).shown == "postgresql://[::1]:5432/books"

    def test_a_file_that_is_not_there(self, tmp_path):
        """None is made."""
        database = DatabaseURL.parse(f"sqlite:///{tmp_path}/x.db")
        with pytest.raises(InvalidDatabase) as refusal:
            database.settings(writes=True)
        assert refusal.value.reason == f"there is no file '{tmp_path}/x.db'."


class TestSecrets:
    """A password is never shown."""

    @pytest.mark.parametrize(
        "text",
        [
            f"postgresql://me:{SECRET}@h/x",
            f"cannot read mysql://me:{SECRET}@h/x and postgresql://you:{SECRET}@h/y",
            f"postgresql://me:p@{SECRET}@h/x",
            f"postgresql://h/x?password={SECRET}",
        ],
    )
    def test_in_any_text(self, text):
        """Wherever a URL stands in it."""
        assert SECRET not in without_secrets(text)

    @pytest.mark.parametrize(
        ("arguments", "database"),
        [
            (["list", f"postgresql://me:{SECRET}@h/x"], "sqlite:///x"),
            (["list"], f"postgresql://me:{SECRET}@127.0.0.1:1/x"),
            (["list"], f"mariadb://me:{SECRET}@127.0.0.1:1/x"),
            (["list"], f"postgress://me:{SECRET}@h/x"),
            (["list"], f"postgresql://me:{SECRET}@h/x?passwort={SECRET}"),
        ],
    )
    def test_when_it_goes_wrong(self, arguments, database):
        """In a wrong call, and when nobody answers."""
        code, text, error = run(*arguments, database=database)
        assert code == 2
        assert error
        assert "Traceback" not in error
        assert error.startswith("usage: ") or error.count("\n") == 1
        assert SECRET not in text + error
