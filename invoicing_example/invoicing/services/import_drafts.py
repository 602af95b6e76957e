"""Drafts from a file: all of them, or none."""

from contextlib import AbstractContextManager
from io import TextIOBase
from itertools import islice
from typing import Final

from django.db import IntegrityError, transaction

from invoicing.draft_file import Document, DraftFile
from invoicing.models import Customer, Invoice, InvoiceLine
from services import Inputs, Internals, Outputs, Service, attribute, make, stage

BATCH: Final = 200
"""So many documents are held in memory, and written at once."""

SHOWN: Final = 10
"""So many documents are named in a sentence."""


class ImportDrafts(Service):
    """
    Make drafts of the documents in a CSV file, or change nothing.

    All bad rows are told at once, by line. A document is imported once: its reference
    is unique, so a file that comes a second time, or overlaps with one before, is
    refused as a whole, and it is safe to try again. Customers are known by their
    email; an import makes new ones and never changes one.

    :raises ServiceFailed: `bad_header` and `bad_rows` (facts: `problems`, the first of
        them, and `count`), `already_imported` (`references`), `clash` (somebody else
        wrote the same customers or documents at the same moment).
    """

    class inputs(Inputs):
        file: TextIOBase = attribute(doc='Text, opened with newline="".')
        most_rows: int = attribute(
            default=100_000, must={"must be 1 or more": lambda rows: rows >= 1}
        )

    class internals(Internals):
        reading: DraftFile
        customers: dict[str, Customer] = attribute(factory=dict, doc="By email.")
        known: list[str] = attribute(factory=list, doc="Imported before.")

    class outputs(Outputs):
        drafts: int = 0
        lines: int = 0
        new_customers: int = 0

    steps = (
        make("read_header"),
        stage(
            make("create_drafts"),
            make("refuse_bad_rows"),
            make("refuse_known_documents"),
            within="transaction",
            recover="explain_clash",
        ),
    )

    def transaction(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def read_header(self) -> None:
        reading = DraftFile(self.inputs.file, most_rows=self.inputs.most_rows)
        self.internals.reading = reading
        reading.read_header()
        self._refuse_problems("bad_header")

    def create_drafts(self) -> None:
        """Write batch after batch; once something is wrong, read on to tell it all."""
        documents = self.internals.reading.documents()
        while batch := list(islice(documents, BATCH)):
            self._meet_customers(batch)
            self._look_for_known(batch)
            if not self.internals.reading.problem_count and not self.internals.known:
                self._write(batch)

    def refuse_bad_rows(self) -> None:
        self._refuse_problems("bad_rows")

    def refuse_known_documents(self) -> None:
        known = self.internals.known
        if known:
            more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
            self.fail(
                f"Nothing was imported: {_counted(len(known), 'document')} of the file "
                f"came with an earlier import: {', '.join(known[:SHOWN])}{more}.",
                code="already_imported",
                references=known,
            )

    def explain_clash(self, error: Exception) -> None:
        if isinstance(error, IntegrityError):
            self.fail(
                f"Nothing was imported: {error}. If somebody else wrote the same at "
                f"the same moment, try again.",
                code="clash",
            )
        raise error

    def _refuse_problems(self, code: str) -> None:
        reading = self.internals.reading
        if reading.problem_count:
            told = "".join(f"\n  {problem}" for problem in reading.problems)
            untold = reading.problem_count - len(reading.problems)
            more = f"\n  and {untold} more" if untold else ""
            self.fail(
                f"Nothing was imported: the file has "
                f"{_counted(reading.problem_count, 'problem')}.{told}{more}",
                code=code,
                problems=reading.problems,
                count=reading.problem_count,
            )

    def _meet_customers(self, batch: list[Document]) -> None:
        """Look customers up, or make them; complain if one is known otherwise."""
        customers = self.internals.customers
        buyers = [(document.line, document.head.buyer) for document in batch]
        emails = {buyer["email"] for _, buyer in buyers} - customers.keys()
        for customer in Customer.objects.filter(email__in=emails):
            customers[customer.email] = customer
        new: dict[str, Customer] = {}
        for line, buyer in buyers:
            customer = customers.setdefault(buyer["email"], Customer(**buyer))
            if customer.pk is None:
                new[customer.email] = customer
            for name, value in buyer.items():
                known = getattr(customer, name)
                if known != value:
                    self.internals.reading.complain(
                        line,
                        f"{name} of {customer.email} is {known!r} here, not {value!r}",
                    )
        if not self.internals.reading.problem_count:
            Customer.objects.bulk_create(new.values())
            # Looked up again, because MySQL does not give the new keys.
            customers |= Customer.objects.in_bulk(list(new), field_name="email")
            self.outputs.new_customers += len(new)

    def _look_for_known(self, batch: list[Document]) -> None:
        references = [document.head.document for document in batch]
        known = Invoice.objects.filter(reference__in=references).order_by("pk")
        self.internals.known += [str(invoice.reference) for invoice in known]

    def _write(self, batch: list[Document]) -> None:
        Invoice.objects.bulk_create(
            Invoice(
                customer=self.internals.customers[document.head.buyer["email"]],
                drafted_on=document.head.drafted_on,
                reference=document.head.document,
            )
            for document in batch
        )
        references = [document.head.document for document in batch]
        invoices = Invoice.objects.in_bulk(references, field_name="reference")
        lines = [
            InvoiceLine(
                invoice=invoices[document.head.document],
                description=row.description,
                quantity=row.quantity,
                unit_price=row.unit_price,
            )
            for document in batch
            for row in document.rows
        ]
        InvoiceLine.objects.bulk_create(lines)
        self.outputs.drafts += len(invoices)
        self.outputs.lines += len(lines)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
