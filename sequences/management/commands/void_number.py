"""Void a number."""

from typing import Any

from django.core.management.base import CommandParser

from sequences.definitions import Sequence
from sequences.ledger.void_number import VoidNumber
from sequences.management.ledger_command import LedgerCommand


class Command(LedgerCommand):
    help = (
        "Write into the ledger that a number, or a range of them, will never be on a "
        "document."
    )

    def add_numbers(self, parser: CommandParser) -> None:
        parser.add_argument("value", type=int, help="The number; or the first of many.")
        parser.add_argument("last", type=int, nargs="?", help="The last of a range.")

    def run(self, sequence: Sequence, options: dict[str, Any]) -> str:
        done = VoidNumber.run(
            sequence=sequence,
            value=options["value"],
            last=options["last"],
            reason=options["reason"],
            user=options["user"],
        )
        first, last = done.values[0], done.values[-1]
        are = f"{first} is" if first == last else f"{first} to {last} are"
        return f"Of sequence {sequence.sequence_name!r} {are} void."
