"""Set a counter by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, transaction

from sequences.allocation.set_counter import SetCounter
from sequences.counters import counter_for
from sequences.definitions import Sequence
from sequences.errors import CounterBehind, InvalidSequence


class Command(BaseCommand):
    help = (
        "Set the number that counts as given out last, under the counter's lock. "
        "Forward only, unless forced."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("last", type=int, help="The number given out last.")
        parser.add_argument(
            "--force",
            action="store_true",
            help="Move it backward as well: numbers will be given out again.",
        )
        parser.add_argument(
            "--database",
            choices=tuple(connections),
            help="Default: where the routers write counters.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            sequence = Sequence(options["name"], using=options["database"])
            with transaction.atomic(using=counter_for(sequence).using):
                done = SetCounter.run(
                    sequence=sequence, last=options["last"], force=options["force"]
                )
        except (CounterBehind, InvalidSequence) as error:
            raise CommandError(str(error)) from error
        before = "did not exist" if done.before is None else f"stood at {done.before}"
        self.stdout.write(
            f"Sequence {options['name']!r} {before} and stands at {done.after}: "
            f"the next number is {done.after + 1}."
        )
