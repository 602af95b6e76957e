"""The options by which a command is told one part of a sequence."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser

from sequences.definitions import Sequence


def add_part_options(parser: CommandParser) -> None:
    """Ask which part, where the sequence has parts."""
    parser.add_argument(
        "--on",
        type=_day,
        metavar="YYYY-MM-DD",
        help="A day of the period, where the sequence counts by period.",
    )
    parser.add_argument(
        "--scope",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="A value of the scope, where the sequence has one.",
    )


def part_of(sequence: Sequence, options: dict[str, Any]) -> Sequence:
    """
    Give the part that the options tell; of a sequence without parts, itself.

    :raises InvalidSequence: if they tell none.
    """
    return sequence.of(on=options["on"], scope=_scope(options["scope"]))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"a day is YYYY-MM-DD, as 2026-12-31, not {text!r}."
        raise ArgumentTypeError(msg) from None


def _scope(given: list[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    for each, (_, sign, _) in zip(given, pairs, strict=True):
        if not sign:
            raise CommandError(f"--scope is NAME=VALUE, not {each!r}.")
    return {name: value for name, _, value in pairs}
