"""The example in the browser, with a login that is ready."""

import signal
import sys
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from invoicing.demonstration import begin
from invoicing.services.issue_next_draft import IssueNextDraft

ISSUED = 8
"""So many of the twelve; the others wait for somebody to press the button."""


class Command(BaseCommand):
    help = "Serve the example on this machine, on a database that is thrown away."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *_args: Any, **options: Any) -> None:
        imported = begin()
        for _ in range(ISSUED):
            IssueNextDraft.run()
        get_user_model().objects.create_superuser("admin", password="admin")  # noqa: S106
        place = f"127.0.0.1:{options['port']}"
        waiting = imported.drafts - ISSUED
        self.stdout.write(
            f"\n  Invoices   http://{place}/          {ISSUED} issued, {waiting} drafts"
            f"\n  Admin      http://{place}/admin/"
            f"\n  Login      admin, password admin"
            f"\n\n  Only this machine can reach it. Ctrl-C ends it, data and all.\n"
        )
        # Ended like this, too, it leaves nothing behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        # The reloader would start a second process, and that a second database.
        call_command("runserver", place, use_reloader=False)
