"""Let a counter go on behind the documents."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from sequences.definitions import Sequence
from sequences.errors import SequenceError
from sequences.ledger.adopt_numbers import AdoptNumbers
from sequences.ledger.terminal import adopted, for_terminal
from sequences.management.named import first_called
from sequences.management.part_options import add_part_options, part_of
from sequences.registry import not_found, sequences_with_documents


class Command(BaseCommand):
    help = (
        "Let a sequence go on behind the highest number that documents bear: after a "
        "restore, or where they were numbered by something else. Forward only; tells "
        "what it would do, unless --write is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sequence", help="The name of the sequence.")
        parser.add_argument(
            "--model",
            metavar="APP.MODEL.FIELD",
            help="Where the numbers are. Default: where the sequence is declared to "
            "have them.",
        )
        source = parser.add_mutually_exclusive_group()
        source.add_argument(
            "--native", help="Go on from this sequence of the database."
        )
        source.add_argument("--counter", help="Go on from this other counter.")
        add_part_options(parser)
        parser.add_argument("--write", action="store_true", help="Really do it.")
        parser.add_argument(
            "--database",
            choices=tuple(connections),
            help="Default: where the sequence is counted.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            sequence = part_of(_called(options), options)
            done = AdoptNumbers.run(
                sequence=sequence,
                column=options["model"],
                native=options["native"],
                counter=options["counter"],
                dry_run=not options["write"],
            )
        except SequenceError as error:
            raise CommandError(for_terminal(str(error))) from error
        self.stdout.write(adopted(sequence.sequence_name, done))


def _called(options: dict[str, Any]) -> Sequence:
    """Give the declared sequence of a name; without one, a plain one of a model."""
    name, using = options["sequence"], options["database"]
    known = sequences_with_documents()
    sequence = first_called(name, using, known)
    if sequence is not None:
        return sequence
    if options["model"] is None:
        reason = not_found(name, "column=", known)
        raise CommandError(f"{reason} Or name the field of its numbers by --model.")
    return Sequence(name, using=using)
