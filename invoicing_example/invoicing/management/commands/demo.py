"""The story of twelve invoices, told in the terminal."""

from collections.abc import Callable
from textwrap import indent
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from invoicing.audit import audit_numbers, gaps_told
from invoicing.demonstration import SAMPLE, begin
from invoicing.models import Invoice
from invoicing.series import invoice_numbers
from invoicing.services.issue_invoice import IssueInvoice
from invoicing.services.issue_next_draft import IssueNextDraft
from services import ServiceFailed


class Command(BaseCommand):
    help = "Show what gapless numbers are, on a database that is thrown away."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.import_drafts()
        self.issue_five()
        rolled_back = self.fill_the_disk()
        self.issue_the_rest()
        self.issue_one_again()
        self.sum_up(rolled_back)

    def import_drafts(self) -> None:
        self.chapter(f"1. Import {SAMPLE.name} into a fresh SQLite database")
        imported = begin()
        self.tell(
            f"{imported.drafts} drafts, {imported.lines} lines, "
            f"{imported.new_customers} customers. A draft has no number."
        )

    def issue_five(self) -> None:
        self.chapter("2. Issue five of them, oldest first")
        for _ in range(5):
            self.tell_issued(IssueNextDraft.run().invoice)

    def fill_the_disk(self) -> int:
        """Let one fail after it has its number; give how many were rolled back."""
        self.chapter("3. Issue the sixth, and the disk is full when it is to be saved")
        rolled_back = 0
        draft, next_draft = Invoice.objects.drafts()[:2]
        disk = FullDisk()
        try:
            with connection.execute_wrapper(disk):
                IssueInvoice.run(invoice=draft)
        except OperationalError as error:
            rolled_back += 1
            self.tell(f"{draft.reference} takes number {disk.taken}, and then:\n")
            told = "\n".join([f"{type(error).__name__}: {error}", *error.__notes__])
            self.tell(indent(told, "  "), self.style.ERROR)
        draft.refresh_from_db()
        self.tell(
            f"\nIts transaction is rolled back: {draft.reference} "
            f"{'is a draft as before' if draft.is_draft else 'has a number'}, and "
            f"the series\nstands at {invoice_numbers.get_last_value()} again. "
            f"So the next in line, {next_draft.reference}, gets the number:\n"
        )
        self.tell_issued(IssueInvoice.run(invoice=next_draft).invoice)
        return rolled_back

    def issue_the_rest(self) -> None:
        self.chapter("4. There is room again: issue the rest")
        while invoice := IssueNextDraft.run().invoice:
            self.tell_issued(invoice)

    def issue_one_again(self) -> None:
        self.chapter("5. Issue one of them a second time")
        try:
            IssueInvoice.run(invoice=Invoice.objects.issued()[2])
        except ServiceFailed as error:
            self.tell(f"{type(error).__name__}: {error}", self.style.ERROR)

    def sum_up(self, rolled_back: int) -> None:
        self.chapter("Summary, by an audit of the invoices themselves")
        audit = audit_numbers()
        for name, value in {
            "numbers issued": (
                f"{audit.numbered}, from {audit.lowest} to {audit.highest}"
            ),
            "rolled back": rolled_back,
            "doubled": audit.doubles.count or "none",
            "gaps": gaps_told(audit),
        }.items():
            self.tell(f"{name:<16}{value}", self.style.SUCCESS)
        self.stdout.write("")

    def chapter(self, title: str) -> None:
        self.stdout.write(f"\n{title}", self.style.MIGRATE_HEADING)

    def tell(self, text: str, style: Callable[[str], str] | None = None) -> None:
        self.stdout.write(indent(text, "   "), style)

    def tell_issued(self, invoice: Invoice | None) -> None:
        if invoice is not None:
            self.tell(
                f"{invoice.number:>3}  {invoice.reference:<7}"
                f"{invoice.customer.name:<24}{invoice.total:>10}"
            )


class FullDisk:
    """
    A disk without room for one more invoice: saving one fails as SQLite would fail.

    :ivar taken: the number that had been taken by then.
    """

    def __init__(self) -> None:
        self.taken: int | None = None

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,  # noqa: FBT001 - as Django calls it
        context: Any,
    ) -> Any:
        if sql.startswith(f'UPDATE "{Invoice._meta.db_table}"'):
            self.taken = invoice_numbers.get_last_value()
            raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)
