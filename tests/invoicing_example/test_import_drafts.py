"""Drafts from a CSV file: all of them, or none."""

import csv
from io import BytesIO, StringIO, TextIOWrapper
from itertools import cycle, islice

import pytest
from django.db import IntegrityError

from invoicing.audit import audit_numbers
from invoicing.draft_file import COLUMNS
from invoicing.models import Customer, Invoice, InvoiceLine
from invoicing.services.import_drafts import ImportDrafts
from invoicing.services.issue_next_draft import IssueNextDraft
from services import Failure, ServiceFailed

pytestmark = pytest.mark.django_db

ROW = {
    "document": "D-1",
    "date": "2026-03-02",
    "customer": "Ada Lindqvist",
    "email": "ada@lindqvist.example",
    "address": "Storgatan 12",
    "city": "Umeå",
    "postal_code": "903 26",
    "country": "Sweden",
    "description": "Desk lamp",
    "quantity": "2",
    "unit_price": "58.90",
}


def file_of(*rows: dict[str, str]) -> StringIO:
    """Write rows that differ from ROW."""
    file = StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(ROW | row for row in rows)
    file.seek(0)
    return file


def refusal_of(file: StringIO | TextIOWrapper, most_rows: int = 1000) -> ServiceFailed:
    """Import, expect a failure, and that nothing was written."""
    before = Customer.objects.count(), Invoice.objects.count()
    result = ImportDrafts.attempt(file=file, most_rows=most_rows)
    assert isinstance(result, Failure)
    assert (Customer.objects.count(), Invoice.objects.count()) == before
    return result.error


def problems_of(file: StringIO | TextIOWrapper, most_rows: int = 1000) -> list[str]:
    """Give what is told of the rows of a file that is refused."""
    error = refusal_of(file, most_rows)
    assert error.code in {"bad_header", "bad_rows"}
    return [str(problem) for problem in error.facts["problems"]]


def test_rows_of_one_document_become_one_draft():
    """Each row is a line; what they have in common is told once."""
    imported = ImportDrafts.run(
        file=file_of({}, {"description": "Shade"}, {"document": "D-2"})
    )

    assert (imported.drafts, imported.lines, imported.new_customers) == (2, 3, 1)
    draft = Invoice.objects.get(reference="D-1")
    assert draft.is_draft
    assert str(draft.drafted_on) == "2026-03-02"
    assert draft.customer.city == "Umeå"
    assert [line.description for line in draft.lines.all()] == ["Desk lamp", "Shade"]


def test_letters_beyond_ascii_are_letters():
    """A person's address may have them, in front of the @ as well."""
    email = "stanisław.wójcik@wp.example"

    ImportDrafts.run(file=file_of({"email": email}))

    assert Customer.objects.get().email == email


def test_every_bad_row_is_told_by_its_line():
    """One import is enough to learn all that is wrong with a file."""
    file = file_of(
        {"quantity": "two"},
        {"unit_price": "1.999", "date": "2026-02-30"},
        {"document": "D-2", "email": "nobody"},
        {"document": "D-3"},
        {"document": "D-4", "quantity": "0", "customer": ""},
    )

    assert problems_of(file) == [
        "line 2: quantity is no plain decimal such as '12.50': str 'two'",
        "line 3: date is no date such as '2026-11-21': str '2026-02-30'",
        "line 3: unit_price must have at most 2 decimal places, got Decimal('1.999')",
        "line 4: email must be an email address, got str 'nobody'",
        "line 6: customer must have 1 to 200 characters, got str ''",
        "line 6: quantity must be more than 0, got Decimal('0')",
    ]


def test_the_failure_tells_how_many_there_are():
    """The sentence counts the problems, and lists them a line each."""
    error = refusal_of(file_of({"quantity": "0"}))

    assert error.code == "bad_rows"
    assert str(error) == (
        "Nothing was imported: the file has 1 problem.\n"
        "  line 2: quantity must be more than 0, got Decimal('0')"
    )


def test_only_so_many_problems_are_kept():
    """A file that is wrong from top to bottom does not fill the memory."""
    error = refusal_of(file_of(*[{"quantity": "0"}] * 150))

    assert len(error.facts["problems"]) == 100
    assert error.facts["count"] == 150
    assert str(error).endswith("\n  and 50 more")


def test_lines_are_counted_as_an_editor_counts_them():
    """A row over several lines is told by the first of them."""
    file = file_of({"address": "Gate 3\nStorgatan 12"}, {"quantity": "0"})

    assert problems_of(file)[-1].startswith("line 4: quantity")


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (
            [{}, {"date": "2026-03-03", "city": "Malmö"}],
            (
                "line 3: date and city must be the same as on line 2, for they are "
                "of one document"
            ),
        ),
        (
            [{}, {"document": "D-2"}, {"document": "d-1"}],
            (
                "line 4: document 'd-1' began on line 2 and ended before this one. "
                "Keep its rows together"
            ),
        ),
        (
            [{}, {"document": "D-2", "city": "Malmö"}],
            "line 3: city of ada@lindqvist.example is 'Umeå' here, not 'Malmö'",
        ),
        (
            [{"document": "D;1"}],
            (
                "line 2: document must be 1 to 50 letters, digits, or any of '._/-', "
                "got str 'D;1'"
            ),
        ),
        (
            [{"unit_price": "1e3"}],
            "line 2: unit_price is no plain decimal such as '12.50': str '1e3'",
        ),
        (
            [{"unit_price": "1000000"}],
            (
                "line 2: unit_price must have at most 6 digits before the point, got "
                "Decimal('1000000')"
            ),
        ),
        ([{"country": "Swe\0den"}], "line 2: country holds a NUL character"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    rows: list[dict[str, str]], problem: str
):
    """Each contradiction is one sentence that names both sides."""
    assert problems_of(file_of(*rows)) == [problem]


def test_a_customer_known_otherwise_is_not_changed():
    """An import never rewrites what others may rely on."""
    ImportDrafts.run(file=file_of({}))

    assert problems_of(file_of({"document": "D-2", "customer": "A. Lindqvist"})) == [
        (
            "line 2: name of ada@lindqvist.example is 'Ada Lindqvist' here, not "
            "'A. Lindqvist'"
        )
    ]
    assert Customer.objects.get().name == "Ada Lindqvist"


def test_a_file_is_imported_once():
    """The second time it is refused as a whole, so that trying again is safe."""
    rows = [{"document": f"D-{n}"} for n in range(12)]
    ImportDrafts.run(file=file_of(*rows))

    error = refusal_of(file_of(*rows, {"document": "E-1"}))

    assert error.code == "already_imported"
    assert str(error) == (
        "Nothing was imported: 12 documents of the file came with an earlier import: "
        "D-0, D-1, D-2, D-3, D-4, D-5, D-6, D-7, D-8, D-9 and 2 more."
    )
    assert error.facts["references"] == [f"D-{n}" for n in range(12)]


def test_a_document_that_was_issued_is_not_imported_again():
    """It is known as long as there is an invoice with its reference."""
    ImportDrafts.run(file=file_of({}))
    IssueNextDraft.run()

    assert refusal_of(file_of({})).code == "already_imported"


def test_two_imports_at_the_same_moment(monkeypatch: pytest.MonkeyPatch):
    """What the database itself refuses is told as a failure, and undone."""

    def too_late(_objects: object) -> None:
        raise IntegrityError("UNIQUE constraint failed")

    monkeypatch.setattr(InvoiceLine.objects, "bulk_create", too_late)

    error = refusal_of(file_of({}))

    assert error.code == "clash"
    assert str(error) == (
        "Nothing was imported: UNIQUE constraint failed. If somebody else wrote the "
        "same at the same moment, try again."
    )


class TestUntrusted:
    @pytest.mark.parametrize(
        "text", ["", "a,b\n1,2\n", "document,date\n", '"document\n', "\n\n\n"]
    )
    def test_the_header_must_be_there(self, text: str):
        """A file of something else is refused at its first line."""
        error = refusal_of(StringIO(text))

        assert error.code == "bad_header"
        assert error.facts["count"] == 1

    def test_a_row_has_a_value_a_column(self):
        """A comma too many or too few shifts values, so it is refused."""
        file = file_of({})
        file.seek(0, 2)
        file.write("D-2,2026-03-02\r\n")
        file.seek(0)

        assert problems_of(file) == ["line 3: has 2 values, must have 11"]

    def test_no_line_is_read_beyond_its_limit(self):
        """A line that never ends does not fill the memory."""
        file = file_of({}, {"description": "x" * 10_000}, {"quantity": "0"})

        assert problems_of(file) == [
            "line 3: has more than 10000 characters. What follows was not read"
        ]

    def test_a_quote_that_is_never_closed_ends_somewhere(self):
        """It does not swallow the file."""
        file = file_of({})
        text = file.getvalue() + '"' + "x,\n" * 100_000

        assert problems_of(StringIO(text, newline="")) == [
            (
                "line 3: is not CSV: field larger than field limit (131072). What "
                "follows was not read"
            )
        ]

    def test_no_more_rows_than_allowed(self):
        """A file that is too long is refused when that is seen."""
        assert problems_of(file_of({}, {}, {}, {}), most_rows=2) == [
            "line 4: is beyond the 2 rows allowed"
        ]

    def test_bytes_that_are_no_text(self):
        """Another encoding is told, not guessed."""
        data = file_of({}).getvalue().encode("latin-1")
        file = TextIOWrapper(BytesIO(data), encoding="utf-8-sig", newline="")

        assert "is not UTF-8" in problems_of(file)[0]


def test_four_hundred_and_twelve_invoices():
    """A file of a real shop's size becomes invoices 1 to 412."""
    lengths = islice(cycle([1, 2, 4, 6, 9, 14, 2]), 412)
    rows = [
        {
            "document": str(number),
            "customer": f"Customer {number % 59}",
            "email": f"customer{number % 59}@shop.example",
            "description": f"Track {line}",
        }
        for number, length in enumerate(lengths, start=1)
        for line in range(length)
    ]

    imported = ImportDrafts.run(file=file_of(*rows))
    while IssueNextDraft.run().invoice:
        pass

    assert (imported.drafts, imported.lines) == (412, len(rows))
    assert imported.new_customers == 59
    audit = audit_numbers()
    assert (audit.lowest, audit.highest, audit.numbered) == (1, 412, 412)
    assert audit.is_clean
