"""Number the invoices that wait for it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from invoicing.models import Invoice
from invoicing.series import grouped_invoice_numbers
from sequences import DocumentsAhead, NumberPending, require_aligned


class Command(BaseCommand):
    help = "Number the invoices that a process issued and did not live to number."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            require_aligned(grouped_invoice_numbers)
        except DocumentsAhead as error:
            raise CommandError(str(error)) from error
        count = NumberPending.run(
            sequence=grouped_invoice_numbers, pending=Invoice.objects.waiting()
        ).count
        self.stdout.write(f"Numbered {count} invoices.")
