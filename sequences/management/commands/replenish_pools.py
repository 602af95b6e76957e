"""Put numbers into pools."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from sequences.allocation.replenish_pool import ReplenishPool
from sequences.counters import home_of
from sequences.definitions import Sequence
from sequences.errors import SequenceError, SequenceExhausted
from sequences.ledger.states import pooled_parts
from sequences.registry import sequences_with_pool


class Command(BaseCommand):
    help = (
        "Put numbers into the pools of sequences declared as POOLED: new ones, and "
        "those of transactions that rolled back. Let a scheduler run it, say every "
        "minute."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "names",
            metavar="sequence",
            nargs="*",
            help="Default: all that the project declares as POOLED.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        failures = []
        for sequence in _pools_of(_called(options["names"])):
            try:
                freed = ReplenishPool.run(sequence=sequence).freed
            except SequenceExhausted:
                freed = 0
            except (DatabaseError, SequenceError) as error:
                failures.append(str(error))
                continue
            self.stdout.write(f"{freed:>19}  {sequence.sequence_name}")
        if failures:
            raise CommandError("\n".join(failures))


def _pools_of(sequences: list[Sequence]) -> Iterator[Sequence]:
    """Give the sequences; of those that count apart, the parts that have begun."""
    for sequence in sequences:
        if sequence.has_parts:
            yield from pooled_parts(sequence, home_of(sequence))
        else:
            yield sequence


def _called(names: list[str]) -> list[Sequence]:
    # What is declared twice shares one pool.
    shared = {
        (home_of(each), each.sequence_name): each for each in sequences_with_pool()
    }
    pooled = list(shared.values())
    known = {sequence.sequence_name for sequence in pooled}
    for name in names:
        if name not in known:
            raise CommandError(
                f"No sequence {name!r} is declared as POOLED in the project. "
                f"Declared so: {', '.join(sorted(known)) or 'none'}."
            )
    return [each for each in pooled if not names or each.sequence_name in names]
