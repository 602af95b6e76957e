"""What the commands that write into the ledger have in common."""

from abc import ABC, abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sequences.definitions import Sequence
from sequences.errors import SequenceError
from sequences.ledger.terminal import for_terminal
from sequences.management.part_options import add_part_options, part_of
from sequences.registry import not_found, sequences_with_ledger


class LedgerCommand(BaseCommand, ABC):
    """A command about one sequence with a ledger, or one part of it."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask which sequence, and why."""
        parser.add_argument("sequence", help="A sequence declared with ledger=True.")
        self.add_numbers(parser)
        parser.add_argument("--reason", required=True, help="Kept in the ledger.")
        parser.add_argument("--user", help="Who says so; kept in the ledger.")
        add_part_options(parser)

    def add_numbers(self, parser: CommandParser) -> None:
        """Add what else the command is about."""

    def handle(self, *_args: Any, **options: Any) -> None:
        """Find the sequence, or the part of it, and do it."""
        try:
            sequence = part_of(_declared(options["sequence"]), options)
            self.stdout.write(self.run(sequence, options))
        except SequenceError as error:
            raise CommandError(for_terminal(str(error))) from error

    @abstractmethod
    def run(self, sequence: Sequence, options: dict[str, Any]) -> str:
        """Do it, and give the sentence that tells so."""


def _declared(name: str) -> Sequence:
    known = {each.sequence_name: each for each in sequences_with_ledger()}
    if name not in known:
        raise CommandError(not_found(name, "ledger=True", known.values()))
    return known[name]
