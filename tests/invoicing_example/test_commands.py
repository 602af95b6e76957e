"""The commands, as somebody types them."""

import re
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command

from invoicing.models import Invoice
from invoicing.progress import Progress
from tests.invoicing_example.conftest import MakeDraft
from tests.invoicing_example.processes import (
    EXAMPLE,
    free_port,
    manage,
    start_managing,
)

SAMPLE = EXAMPLE / "sample-drafts.csv"


def call(*arguments: Any) -> str:
    """Run a command in this process and give what it wrote."""
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
class TestImportDrafts:
    def test_it_sums_up(self):
        """It tells how much came in."""
        assert call("import_drafts", SAMPLE) == (
            "Imported 12 drafts with 22 lines, and 9 new customers.\n"
        )

    def test_a_failure_names_the_file(self):
        """A second time it fails, and says what about which file."""
        call("import_drafts", SAMPLE)

        with pytest.raises(CommandError, match=r"^sample-drafts\.csv: Nothing was imp"):
            call("import_drafts", SAMPLE)

    def test_a_file_that_is_not_there(self, tmp_path: Path):
        """What the system says about the file is passed on."""
        with pytest.raises(CommandError, match="No such file"):
            call("import_drafts", tmp_path / "none.csv")

    def test_a_mark_in_front_of_the_text_is_no_letter(self, tmp_path: Path):
        """Spreadsheets put one into the files they write."""
        file = tmp_path / "drafts.csv"
        file.write_text(SAMPLE.read_text("utf-8"), "utf-8-sig")

        assert "12 drafts" in call("import_drafts", file)


@pytest.mark.django_db(transaction=True)
class TestIssueInvoices:
    def test_it_sums_up(self, make_draft: MakeDraft):
        """It tells how many, from where to where, and what is left."""
        for _ in range(3):
            make_draft()

        told = call("issue_invoices", "--limit", 2)

        assert re.fullmatch(
            r"Issued 2 invoices, numbers 1 to 2, in \d+\.\d s\.\nDrafts left: 1\.\n",
            told,
        )

    def test_nothing_to_do_is_no_failure(self):
        """Without drafts it says so."""
        assert call("issue_invoices").startswith("Issued 0 invoices, in 0.0 s.\n")

    def test_a_draft_that_cannot_be_issued_stops_no_other(self, make_draft: MakeDraft):
        """It is told at the end, and takes no number."""
        drafts = [make_draft() for _ in range(3)]
        drafts[1].lines.all().delete()
        out = StringIO()

        with pytest.raises(CommandError, match="Some drafts could not be issued"):
            call_command("issue_invoices", stdout=out)

        assert "Issued 2 invoices, numbers 1 to 2" in out.getvalue()
        assert (
            f"Not issued: There is nothing to pay on draft {drafts[1].pk}: it has no "
            f"lines.\nDrafts left: 1.\n" in out.getvalue()
        )

    def test_behind_its_invoices_nothing_is_issued(self, make_draft: MakeDraft):
        """Not even the number of an invoice that was deleted below the highest."""
        for _ in range(4):
            make_draft()
        call("issue_invoices", "--limit", 3)
        Invoice.objects.filter(number=2).delete()
        call("set_sequence", "invoices", 1, "--force")

        with pytest.raises(CommandError, match="ahead of it by 2, at 3"):
            call("issue_invoices")

        assert Invoice.objects.drafts().count() == 1


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class TestProgress:
    def test_it_is_drawn_on_a_terminal_and_wiped(self):
        """It shows how far one is on one line, and leaves none."""
        terminal = Terminal()

        with Progress(4, terminal) as progress:
            progress.step()

        assert terminal.getvalue().startswith("\r[#######.......")
        assert "1 of 4" in terminal.getvalue()
        assert terminal.getvalue().endswith("\r\033[K")

    def test_elsewhere_it_writes_nothing(self):
        """A log file gets no bars."""
        file = StringIO()

        with Progress(4, file) as progress:
            progress.step()

        assert file.getvalue() == ""


@pytest.mark.django_db(transaction=True)
class TestDemo:
    def test_it_tells_the_story(self, tmp_path: Path):
        """Twelve are issued, one is rolled back, and there is no gap; as plain text."""
        told = manage("demo", TMPDIR=str(tmp_path))

        assert told.returncode == 0, told.stderr
        assert told.stderr == ""
        assert list(tmp_path.iterdir()) == []
        assert "\033" not in told.stdout
        assert max(map(len, told.stdout.splitlines())) <= 80
        assert told.stdout.endswith(
            """
Summary, by an audit of the invoices themselves
   numbers issued  12, from 1 to 12
   rolled back     1
   doubled         none
   gaps            none

"""
        )

    def test_it_shows_that_nothing_is_lost(self):
        """The number that was taken goes to the next in line, and the draft stays."""
        told = manage("demo").stdout

        assert "D-106 takes number 6, and then:" in told
        assert "OperationalError: database or disk is full" in told
        assert "IssueInvoice > save (7 of 7)" in told
        assert "D-106 is a draft as before, and the series\n   stands at 5" in told
        assert re.search(r"^     6  D-107 ", told, re.MULTILINE)
        assert re.search(r"^     7  D-106 ", told, re.MULTILINE)
        assert "ServiceFailed: Only a draft can be issued: this is invoice 3" in told

    def test_it_meets_no_database_in_use(self, make_draft: MakeDraft):
        """Whatever DATABASE_URL and the settings are, its own is another one."""
        make_draft()

        told = manage("demo", DJANGO_SETTINGS_MODULE="config.settings")

        assert told.returncode == 0, told.stderr
        assert Invoice.objects.get().is_draft

    def test_it_refuses_a_database_in_use(self):
        """Started in another way than by manage.py, it looks where it is."""
        with pytest.raises(CommandError, match="this one may be in use"):
            call("demo")

    def test_it_works_with_a_database_url_of_nothing_known(self):
        """A variable that means something to other programs does not stop it."""
        assert manage("demo", DATABASE_URL="oracle://production").returncode == 0


@pytest.mark.django_db
def test_serve_demo_has_a_login_ready(tmp_path: Path):
    """It tells where and how, answers there, and leaves nothing behind."""
    place = f"http://127.0.0.1:{(port := free_port())}/"
    arguments = ("serve_demo", "--port", str(port))
    with start_managing(*arguments, TMPDIR=str(tmp_path)) as server:
        try:
            assert server.stdout
            told = ""
            while "Quit the server" not in told:
                line = server.stdout.readline()
                assert line, server.stderr and server.stderr.read()
                told += line
            with urlopen(f"{place}admin/") as page:  # noqa: S310 - our own
                assert b"Log in" in page.read()
        finally:
            server.terminate()

    assert list(tmp_path.iterdir()) == []
    assert f"Admin      {place}admin/\n  Login      admin, password admin" in told
