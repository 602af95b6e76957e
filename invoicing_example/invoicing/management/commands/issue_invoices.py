"""Issue all drafts, oldest first."""

import sys
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from invoicing.models import Invoice
from invoicing.progress import Progress
from invoicing.services.issue_next_draft import IssueNextDraft
from sequences import retry_on_conflict
from services import ServiceFailed


class Command(BaseCommand):
    help = (
        "Issue drafts, oldest first. Can run in several processes at once: each takes "
        "the oldest draft that no other is busy with."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--limit", type=int, help="Issue no more than so many. Default: all."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        limit: int | None = options["limit"]
        waiting = Invoice.objects.drafts().count()
        numbers: list[int] = []
        refused: dict[int, str] = {}
        began = monotonic()
        total = waiting if limit is None else min(waiting, limit)
        try:
            with Progress(total, sys.stderr) as progress:
                while limit is None or len(numbers) < limit:
                    number = issue_one(refused)
                    if number is None:
                        break
                    numbers.append(number)
                    progress.step()
        finally:
            # Also after an accident or Ctrl-C: what was issued, is issued.
            self._sum_up(numbers, refused, monotonic() - began)
        if refused:
            raise CommandError("Some drafts could not be issued, see above.")

    def _sum_up(
        self, numbers: list[int], refused: dict[int, str], elapsed_s: float
    ) -> None:
        issued = f"{len(numbers)} invoices" if len(numbers) != 1 else "1 invoice"
        self.stdout.write(f"Issued {issued}{span(numbers)}, in {elapsed_s:.1f} s.")
        for message in refused.values():
            self.stdout.write(f"Not issued: {message}")
        self.stdout.write(f"Drafts left: {Invoice.objects.drafts().count()}.")


def span(numbers: list[int]) -> str:
    """Say from where to where; other processes may have taken numbers between."""
    if not numbers:
        return ""
    first, last = numbers[0], numbers[-1]
    if len(numbers) == last - first + 1:
        return f", numbers {first} to {last}"
    return f", numbers between {first} and {last}"


def issue_one(refused: dict[int, str]) -> int | None:
    """
    Issue the next draft that can be, and give its number; None if there is none.

    :param refused: drafts that cannot be issued, and why; those met are added.
    """
    issue_next = retry_on_conflict()(IssueNextDraft.run)
    while True:
        try:
            invoice = issue_next(skip=frozenset(refused)).invoice
        except ServiceFailed as error:
            draft = error.facts.get("draft")
            if draft is None:  # not one draft's fault: the series may be exhausted
                raise CommandError(str(error)) from error
            refused[draft] = error.message
        else:
            return None if invoice is None else invoice.number
