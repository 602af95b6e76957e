"""Set a counter by hand."""

from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, transaction

from sequences.allocation.set_counter import SetCounter
from sequences.counters import counter_for, home_of
from sequences.definitions import Sequence
from sequences.errors import InvalidSequence, SequenceError, SequenceExhausted
from sequences.management.named import first_called
from sequences.registry import sequences_with_documents, sequences_with_ledger


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
            sequence = _called(options["name"], options["database"])
            with transaction.atomic(using=counter_for(sequence).using):
                done = SetCounter.run(
                    sequence=sequence, last=options["last"], force=options["force"]
                )
        except SequenceError as error:
            raise CommandError(str(error)) from error
        before = "did not exist" if done.before is None else f"stood at {done.before}"
        self.stdout.write(
            f"Sequence {options['name']!r} {before} and stands at {done.after}: "
            f"{_what_is_next(sequence, done.after)}."
        )


def _called(name: str, using: str | None) -> Sequence:
    """
    Give the declared sequence, or part of one, of a name; without one, a plain one.

    :raises InvalidSequence: if it has parts, so that no counter has its name.
    """
    known = (*sequences_with_documents(), *sequences_with_ledger())
    sequence = first_called(name, using, known)
    if sequence is None:
        for series in known:
            if series.has_parts and using in (None, home_of(series)):
                with suppress(InvalidSequence):  # not called like a part of it
                    return series.part_called(name)
        return Sequence(name, using=using)
    if sequence.has_parts:
        reason = (
            f"it counts by {sequence.apart}, so it has many counters. Name "
            f"one of them, as list_sequences does."
        )
        raise InvalidSequence(name, reason)
    return sequence


def _what_is_next(sequence: Sequence, last: int) -> str:
    try:
        return f"the next number is {sequence.after(last)}"
    except SequenceExhausted:
        return "there is no next number"
