"""Import drafts from a CSV file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from invoicing.services.import_drafts import ImportDrafts
from services import Failure, Success


class Command(BaseCommand):
    help = "Import drafts from a CSV file: all of them, or none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as file:
                result = ImportDrafts.attempt(file=file)
        except OSError as error:
            raise CommandError(f"Cannot read the file: {error}") from error
        match result:
            case Failure(failure):
                raise CommandError(f"{options['file'].name}: {failure.message}")
            case Success(imported):
                self.stdout.write(
                    f"Imported {imported.drafts} drafts with {imported.lines} lines, "
                    f"and {imported.new_customers} new customers."
                )
