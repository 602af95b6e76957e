"""What both commands that audit are told: which numbers, and how to report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from django.db import connections

from sequences.formats import Format
from sequences.ledger.reports import FORMS
from sequences.periods import UNITS, Calendar, PeriodError
from sequences.templates import pieces_of

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Mapping

_UNIT_OF_CODE: Final = {"d": "day", "m": "month", "q": "quarter", "Q": "quarter"}


def add_options(parser: ArgumentParser) -> None:
    """Let a command be told them."""
    parser.add_argument("--order-by", help="What holds the documents' dates.")
    parser.add_argument(
        "--by",
        action="append",
        default=[],
        help="What holds the period, or a value of the scope; once for each.",
    )
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        help="Read text, printed as 'INV-{period:%%Y}-{value:05d}'.",
    )
    parser.add_argument(
        "--period", choices=UNITS, help="Of --format. Default: what it shows."
    )
    parser.add_argument(
        "--fiscal-year-starts", metavar="MM-DD", default="01-01", help="Of --format."
    )
    parser.add_argument(
        "--limit", type=int, default=1_000, help="List so many of each kind."
    )
    parser.add_argument(
        "--as", choices=tuple(FORMS), default="text", help="The form of the report."
    )
    parser.add_argument("--output", metavar="FILE", help="Instead of the terminal.")


def inputs_in(options: Mapping[str, Any]) -> dict[str, Any]:
    """
    Give what an audit takes.

    :raises FormatError: if the format makes no sense; likewise ``PeriodError``.
    """
    return {
        "order_by": options["order_by"],
        "by": tuple(options["by"]),
        "format": _format(options),
        "limit": options["limit"],
    }


def refuse_own_file(output: str | None) -> None:
    """
    Refuse to write a report over the database that it is about.

    :raises FileExistsError: if it is a file of one of the databases.
    """
    if output is None:
        return
    given = Path(output).resolve()
    for place in connections.settings.values():
        if not place["ENGINE"].endswith("sqlite3"):
            continue
        name = str(place["NAME"])
        if name.startswith("file:"):
            name = unquote(urlsplit(name).path)
        file = Path(name).resolve()
        beside = {f"{file}{end}" for end in ("", "-wal", "-shm", "-journal")}
        is_it = given.exists() and file.exists() and given.samefile(file)
        if is_it or str(given) in beside:
            msg = (
                f"The report was not written: {output!r} is a file of the database. "
                f"Name another one."
            )
            raise FileExistsError(msg)


def _format(options: Mapping[str, Any]) -> Format | None:
    """Give the format; its parts are those that it shows."""
    template = options["format"]
    if template is None:
        _refuse_without_format(options)
        return None
    pieces = pieces_of(template)
    codes = {piece.text for piece in pieces if piece.kind == "period"}
    shown = {_UNIT_OF_CODE.get(code, "year") for code in codes}
    unit = options["period"] or next(
        (each for each in reversed(UNITS) if each in shown), None
    )
    calendar = None
    if unit is not None:
        starts = options["fiscal_year_starts"]
        calendar = Calendar(unit=unit, fiscal_year_starts=starts)
    scope = tuple(piece.text for piece in pieces if piece.kind == "scope")
    return Format(template, calendar=calendar, scope=scope, overflow="widen")


def _refuse_without_format(options: Mapping[str, Any]) -> None:
    for option, default in (("period", None), ("fiscal_year_starts", "01-01")):
        if options[option] != default:
            name = option.replace("_", "-")
            msg = f"--{name} means nothing without --format."
            raise PeriodError(msg)
