"""Close a sequence."""

from typing import Any

from sequences.definitions import Sequence
from sequences.ledger.close_sequence import CloseSequence
from sequences.management.ledger_command import LedgerCommand


class Command(LedgerCommand):
    help = (
        "Close a sequence, or a part of it: what is on no document becomes void, and "
        "no more numbers are given out."
    )

    def run(self, sequence: Sequence, options: dict[str, Any]) -> str:
        done = CloseSequence.run(
            sequence=sequence, reason=options["reason"], user=options["user"]
        )
        ended = "before its first number" if done.last is None else f"at {done.last}"
        are = "1 number is" if done.voided == 1 else f"{done.voided} numbers are"
        return (
            f"Sequence {sequence.sequence_name!r} is closed {ended}; {are} void "
            f"by that."
        )
