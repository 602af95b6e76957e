"""Audit the numbers that documents bear."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from sequences.check_digits import StdnumMissing
from sequences.definitions import Sequence
from sequences.errors import InvalidSequence, SequenceError
from sequences.ledger.audit_numbers import AuditNumbers
from sequences.ledger.findings import Audit
from sequences.ledger.options import add_options, inputs_in, refuse_own_file
from sequences.ledger.reports import rendered
from sequences.ledger.terminal import for_terminal
from sequences.periods import PeriodError
from sequences.registry import not_found, sequences_with_documents
from sequences.templates import FormatError
from services import InputError

_NO_FORMAT = (FormatError, PeriodError, StdnumMissing)


class Command(BaseCommand):
    help = (
        "Tell which numbers are missing, double, out of order or impossible. Reads "
        "only. Exit code: 0, nothing is unexplained; 1, something is; 2, it was called "
        "wrongly."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "sequence",
            nargs="?",
            help="A sequence that is declared with column=. Default: all that can be.",
        )
        what.add_argument(
            "--model",
            metavar="APP.MODEL.FIELD",
            help="A field, without a sequence.",
        )
        add_options(parser)
        parser.add_argument(
            "--database",
            choices=tuple(connections),
            help="Default: where the sequence is counted, or the model is read.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            refuse_own_file(options["output"])
            audits = self._audits(options)
            report = rendered(audits, options["as"])
            if options["output"] is None:
                self.stdout.write(report, ending="")
            else:
                Path(options["output"]).write_text(report, encoding="utf-8")
        except (InputError, OSError, SequenceError, *_NO_FORMAT) as error:
            raise CommandError(for_terminal(str(error)), returncode=2) from error
        count = sum(audit.unexplained for audit in audits)
        if count:
            are = "finding is" if count == 1 else "findings are"
            raise CommandError(f"{count} {are} unexplained.", returncode=1)

    def _audits(self, options: dict[str, Any]) -> list[Audit]:
        inputs = {**inputs_in(options), "using": options["database"]}
        if options["model"] is not None:
            return [AuditNumbers.run(column=options["model"], **inputs).audit]
        name, audits = options["sequence"], []
        for sequence in self._declared(name):
            try:
                audits.append(AuditNumbers.run(sequence=sequence, **inputs).audit)
            except InvalidSequence as error:
                if name is not None:
                    raise
                self.stderr.write(f"Left out. {for_terminal(str(error))}")
        if not audits:
            reason = "There is none to audit. Name a field by --model."
            raise CommandError(reason, returncode=2)
        return audits

    def _declared(self, name: str | None) -> list[Sequence]:
        """Give those asked for; what was declared twice, once."""
        different = {
            (each.sequence_name, each.column, each.using): each
            for each in sequences_with_documents()
        }
        known = list(different.values())
        found = [each for each in known if name in (None, each.sequence_name)]
        if not found:
            remedy = "" if name else " Name a field by --model."
            reason = not_found(name, "column=", known)
            raise CommandError(f"{reason}{remedy}", returncode=2)
        return found
