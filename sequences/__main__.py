"""``python -m sequences``: audit and adopt the numbers of any database, at its URL."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from attrs import evolve
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from sequences.check_digits import StdnumMissing
from sequences.counters.base import counter_model
from sequences.errors import InvalidDatabase, InvalidSequence, SequenceError
from sequences.ledger.columns import Column, tables_of, unfit_kinds
from sequences.ledger.options import add_options, inputs_in, refuse_own_file
from sequences.ledger.reports import rendered
from sequences.ledger.terminal import adopted, for_terminal
from sequences.ledger.wording import shown
from sequences.periods import PeriodError
from sequences.standalone import DatabaseURL, connect, set_up, without_secrets
from sequences.templates import FormatError
from services import InputError, ServiceFailed
from services.wording import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

CLEAN: Final = 0
FOUND: Final = 1
MISUSED: Final = 2

EXITS: Final = (
    "Exit code: 0, nothing is unexplained, or it is done; 1, something is unexplained, "
    "or it was refused; 2, it was called wrongly, or the database cannot be used. "
    "Without --write the database is opened read-only."
)


class Parser(ArgumentParser):
    """A parser that shows no password when it complains."""

    def error(self, message: str) -> NoReturn:
        """Complain."""
        super().error(without_secrets(message))


def main(arguments: list[str] | None = None) -> int:
    """Run one command; give its exit code."""
    options = _parser().parse_args(arguments)
    try:
        set_up(options.database, writes=getattr(options, "write", False))
        connect(options.database)
        run: Callable[[Namespace], int] = options.run
        return run(options)
    except ServiceFailed as error:
        return _complain(error, FOUND)
    except InputError as error:
        return _complain(error, MISUSED)
    except (
        DatabaseError,
        FormatError,
        ImproperlyConfigured,
        InvalidDatabase,
        OSError,
        PeriodError,
        SequenceError,
        StdnumMissing,
    ) as error:
        return _complain(error, MISUSED)


def audit(options: Namespace) -> int:
    """Audit a column."""
    from sequences import AuditNumbers  # noqa: PLC0415 - Django is set up now

    refuse_own_file(options.output)
    if options.sequence is not None:
        _require_counter(options.sequence)
    found = AuditNumbers.run(
        sequence=options.sequence,
        table=options.table,
        column=options.column,
        first=options.first,
        using="default",
        **inputs_in(vars(options)),
    ).audit
    found = evolve(found, using=DatabaseURL.parse(options.database).shown)
    _write(rendered([found], getattr(options, "as")), options.output)
    return CLEAN if found.is_clean else FOUND


def adopt(options: Namespace) -> int:
    """Let a counter go on behind documents."""
    from sequences import AdoptNumbers  # noqa: PLC0415 - Django is set up now

    if options.write:
        _require_table(create=options.create_table)
    done = AdoptNumbers.run(
        sequence=options.sequence,
        table=options.table,
        column=options.column,
        native=options.native,
        dry_run=not options.write,
    )
    _write(f"{adopted(options.sequence, done, _needed())}\n")
    return CLEAN


def take_next(options: Namespace) -> int:
    """Take a number, for good."""
    from sequences import AllocateNumber  # noqa: PLC0415 - Django is set up now

    if not options.write:
        sys.stderr.write(
            f"No number was taken: that is written to the database. Add {_needed()}.\n"
        )
        return MISUSED
    _require_table(create=options.create_table)
    with transaction.atomic():
        value = AllocateNumber.run(sequence=options.sequence).value
    _write(f"{value}\n")
    return CLEAN


def list_counters(_: Namespace) -> int:
    """List the counters of the database."""
    if not _has_table() or not counter_model()._base_manager.exists():
        _write("There are no counters in this database.\n")
        return CLEAN
    call_command("list_sequences", database="default")
    return CLEAN


def describe(options: Namespace) -> int:
    """Tell tables and columns, and which columns can be audited."""
    tables = tables_of(connection)
    if options.table is not None and options.table in tables:
        tables = [options.table]
    elif options.table is not None:
        Column.find("default", options.table, "", None)  # refuses, and suggests
    for table in tables:
        _write(f"{shown(table)}\n")
        try:
            kinds = unfit_kinds(connection, table)
        except DatabaseError as error:  # as of a view whose table is gone
            _write(f"  cannot be read: {shown(str(error).strip())}\n")
            continue
        for column, kind in kinds.items():
            mark = "may hold numbers" if kind is None else shown(kind)
            _write(f"  {shown(column):<30} {mark}\n")
    return CLEAN


def _has_table() -> bool:
    return counter_model()._meta.db_table in tables_of(connection)


def _needed() -> str:
    """Give the options by which something would be written."""
    return "--write" if _has_table() else "--write and --create-table"


def _require_table(*, create: bool) -> None:
    if create:
        _create_tables()
    elif not _has_table():
        raise InvalidDatabase("it has no table of counters. Add --create-table.")


def _create_tables() -> None:
    """Make those of our tables that are missing: all or none, if the database can."""
    models = apps.get_app_config(counter_model()._meta.app_label).get_models()
    if {model._meta.db_table for model in models} <= set(tables_of(connection)):
        return
    at_once = transaction.atomic() if connection.features.can_rollback_ddl else None
    # SQLite changes no table while it checks foreign keys.
    with connection.constraint_checks_disabled(), at_once or nullcontext():
        call_command("migrate", "sequences", verbosity=0)


def _require_counter(name: str) -> None:
    """Refuse to compare with a counter that is not there, nor one of its parts."""
    known: set[str] = set()
    if _has_table():
        known.update(counter_model()._base_manager.values_list("name", flat=True))
    known.update({each.partition("/")[0] for each in known})
    if name not in known:
        near = did_you_mean(name, known)
        reason = f"the database has no such counter.{near} See 'list', or leave it out."
        raise InvalidSequence(name, reason)


def _write(text: str, output: str | None = None) -> None:
    if output is None:
        sys.stdout.write(text)
    else:
        Path(output).write_text(text, encoding="utf-8")


def _complain(error: Exception, code: int) -> int:
    text = str(error).strip()
    if isinstance(error, DatabaseError):  # drivers break lines as they like
        text = " ".join(text.split())
    sentence = for_terminal(without_secrets(text))
    sys.stderr.write(f"{sentence}\n")
    return code


def _parser() -> ArgumentParser:
    parser = Parser(prog="python -m sequences", description=__doc__, epilog=EXITS)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run in (
        ("audit", audit),
        ("adopt", adopt),
        ("list", list_counters),
        ("next", take_next),
        ("describe", describe),
    ):
        command = commands.add_parser(name, help=run.__doc__, epilog=EXITS)
        command.set_defaults(run=run)
        command.add_argument(
            "--database",
            required=True,
            metavar="URL",
            help="sqlite:///file, postgresql://user@host/name, mariadb://...",
        )
        if name in _ADD:
            _ADD[name](command)
    return parser


def _add_audit(command: ArgumentParser) -> None:
    command.add_argument("--table", required=True)
    command.add_argument("--column", required=True)
    command.add_argument("--first", type=int, help="The first number there should be.")
    command.add_argument("--sequence", help="Compare with this counter as well.")
    add_options(command)


def _add_adopt(command: ArgumentParser) -> None:
    command.add_argument("--table", required=True)
    command.add_argument("--column", required=True)
    command.add_argument("--native", help="Go on from this sequence of the database.")
    _add_next(command)


def _add_next(command: ArgumentParser) -> None:
    command.add_argument("--sequence", required=True, help="The name of the counter.")
    command.add_argument("--write", action="store_true", help="Really do it.")
    command.add_argument(
        "--create-table", action="store_true", help="Make our tables if need be."
    )


def _add_describe(command: ArgumentParser) -> None:
    command.add_argument("--table", help="Only this one.")


_ADD: Final[dict[str, Callable[[ArgumentParser], None]]] = {
    "audit": _add_audit,
    "adopt": _add_adopt,
    "next": _add_next,
    "describe": _add_describe,
}

if __name__ == "__main__":
    sys.exit(main())
