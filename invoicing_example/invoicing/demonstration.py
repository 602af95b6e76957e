"""What the two demonstrations begin with: a fresh database, and drafts in it."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from invoicing.services.import_drafts import ImportDrafts

SAMPLE = Path(__file__).resolve().parent.parent / "sample-drafts.csv"


def begin() -> ImportDrafts.outputs:
    """
    Make the tables, import the sample, and tell what came of it.

    :raises CommandError: if the database is not one to be thrown away.
    """
    if not hasattr(settings, "THROW_AWAY"):
        raise CommandError(
            "A demonstration fills a database, and this one may be in use. "
            "Run it with --settings=config.settings_demo, as manage.py does."
        )
    call_command("migrate", verbosity=0)
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return ImportDrafts.run(file=file)
