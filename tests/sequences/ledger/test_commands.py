"""manage.py audit_numbers."""

import gc
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils.translation import override

from sequences import Sequence, get_next_values
from tests.documents.models import Bill, Document
from tests.sequences.marks import on_sqlite
from tests.sequences.series import COLUMN

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def papers():
    """A declared sequence with a gap at 2; alone, as far as the command sees."""
    gc.collect()
    get_next_values(3, "audited papers")
    Document.objects.bulk_create(Document(number=n) for n in (1, 3))
    return Sequence("audited papers", column=COLUMN)


def run(*arguments: str) -> tuple[str, CommandError | None]:
    """Run the command; give what it wrote, and how it ended."""
    out = StringIO()
    try:
        call_command("audit_numbers", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), error
    return out.getvalue(), None


def test_what_is_unexplained_ends_it_with_1(papers):
    """For CI: the report is written, and the exit code says that it is not clean."""
    text, error = run("audited papers")
    assert "Missing, unexplained (1):\n  2\n" in text
    assert error is not None
    assert (str(error), error.returncode) == ("1 finding is unexplained.", 1)


def test_a_clean_sequence_ends_it_with_0(papers):
    """Nothing is raised."""
    Document.objects.create(number=2)
    text, error = run("audited papers")
    assert text.endswith("Nothing is unexplained.\n")
    assert error is None


def test_without_a_name_all_are_audited(papers, capsys):
    """All that are declared with column=; those that loop are left out, and told."""
    looping = Sequence("looping papers", 1, 9, column=COLUMN)
    data = json.loads(run("--as=json")[0])
    names = {audit["sequence"] for audit in data["audits"]}
    assert "audited papers" in names
    assert looping.sequence_name not in names
    left_out = "Left out. Sequence 'looping papers': it loops, so that its numbers meet"
    assert left_out in capsys.readouterr().err


def test_a_field_without_a_sequence():
    """No counter is asked."""
    Document.objects.bulk_create(Document(number=n) for n in (4, 6))
    text, _ = run("--model", COLUMN, "--order-by=day", "--as=csv")
    assert text == (
        "column,part,finding,first,last,count,detail\n"
        'documents_document.number,,"Missing, unexplained",5,5,1,\n'
    )


def test_a_series_with_parts():
    """Its NumberField says what tells them; all parts are one report."""
    with transaction.atomic():
        Bill.objects.bulk_create([Bill(), Bill(), Bill(branch="K2")])
    Bill.objects.filter(code="B-2026-K1-001").delete()
    text, _ = run("slips", "--order-by=day")
    assert "  2026/K1: 2 to 2, on 1 document; 1 missing; its counter stands" in text
    assert "Missing, unexplained (1):\n  2026/K1: 1\n" in text


def test_a_field_of_text():
    """Its format is told."""
    text, error = run("--model=documents.Bill.code", "--format=B-{value}")
    assert text.endswith("Nothing is unexplained.\n")
    assert error is None


def test_a_series_whose_parts_nothing_tells(papers, capsys):
    """It is left out, and told; asked for by its name, it is refused."""
    series = Sequence("yearly papers", period="year", column=COLUMN)
    run()
    assert "Left out. Sequence 'yearly papers': it counts by year" in (
        capsys.readouterr().err
    )
    _, error = run("yearly papers")
    assert error is not None
    assert error.returncode == 2
    del series


def test_a_file(papers, tmp_path):
    """The report goes there, the verdict to the terminal."""
    file = tmp_path / "audit.html"
    text, error = run("audited papers", "--as=html", f"--output={file}")
    assert (text, file.read_text()[:15]) == ("", "<!DOCTYPE html>")
    assert error is not None


def test_a_page_is_in_the_language_of_the_project(papers):
    """The command itself speaks English, as it does everywhere."""
    english, _ = run("audited papers")
    with override("de"):
        text, error = run("audited papers")
        page, _ = run("audited papers", "--as=html")
    assert without_time(text) == without_time(english)
    assert str(error) == "1 finding is unexplained."
    assert '<html lang="de">' in page
    assert "1 Feststellung ist ungeklärt." in page


def without_time(report: str) -> list[str]:
    """Give the lines of a report without the moment at which it was made."""
    return [line for line in report.splitlines() if "read at" not in line]


@on_sqlite
def test_the_database_is_no_place_for_a_report(papers):
    """Whichever of the project's it is."""
    path = connection.settings_dict["NAME"]
    _, error = run("audited papers", f"--output={path}")
    assert error is not None
    assert error.returncode == 2
    assert str(error) == (
        f"The report was not written: {str(path)!r} is a file of the database. Name "
        f"another one."
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["audited paper"],
            (
                "No sequence 'audited paper' is declared with column= in a "
                "module that Django imports, such as an app's models. Did you mean "
                "'audited papers'?"
            ),
        ),
        (
            ["--model=documents.Document.nummer"],
            (
                "Column 'documents.Document.nummer': there is no such field. Write it "
                "as 'app.Model.field'."
            ),
        ),
        (
            ["--model=documents.Bill.number", "--period=year"],
            "--period means nothing without --format.",
        ),
        (["audited papers", "--limit=-1"], "must not be negative"),
        (["audited papers", "--output=/no/such/place"], "/no/such/place"),
    ],
)
def test_misuse_ends_it_with_2(papers, arguments, sentence):
    """A wrong call is told apart from a finding."""
    _, error = run(*arguments)
    assert error is not None
    assert sentence in str(error)
    assert error.returncode == 2
