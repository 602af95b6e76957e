"""Number the invoices that wait for it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from invoicing.models import Invoice
from invoicing.series import grouped_invoice_numbers
from sequences import DocumentsAhead, NumberPending


class Command(BaseCommand):
    help = "Number the invoices that a process issued and did not live to number."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            count = NumberPending.run(
                sequence=grouped_invoice_numbers, pending=Invoice.objects.waiting()
            ).count
        except DocumentsAhead as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Numbered {count} invoices.")
