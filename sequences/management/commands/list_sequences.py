"""List the counters of a database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from sequences.arithmetic import CLOSED
from sequences.counters import database_of
from sequences.ledger.kept import stood_at
from sequences.models import Sequence


class Command(BaseCommand):
    help = "List the counters of a database, by name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--database",
            choices=tuple(connections),
            help="Default: where the routers read counters.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        using = options["database"] or database_of(for_write=False)
        counters = Sequence.objects.using(using).order_by("name")
        found = False
        for counter in counters.iterator():
            found = True
            last = stood_at(counter.last, counter.name, using)
            closed = "  (closed)" if counter.last == CLOSED != last else ""
            shown = "-" if last is None else last
            self.stdout.write(f"{shown:>19}  {counter.name}{closed}")
        if not found:
            self.stdout.write(f"There are no counters on database {using!r}.")
