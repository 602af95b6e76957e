"""List the counters of a database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from sequences.arithmetic import CLOSED
from sequences.counters import database_of
from sequences.ledger.kept import where_closed
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
        closed, found = where_closed(using), False
        for name, last in counters.values_list("name", "last"):
            found = True
            self.stdout.write(_line(name, last, closed))
        if not found:
            self.stdout.write(f"There are no counters on database {using!r}.")


def _line(name: str, last: int, closed: dict[str, int | None]) -> str:
    """Give a line about one counter; a name that would break it, as Python shows it."""
    shown = name if name.isprintable() else repr(name)
    if last != CLOSED or name not in closed:
        return f"{last:>19}  {shown}"
    stood = closed[name]
    return f"{'-' if stood is None else stood:>19}  {shown}  (closed)"
