"""
A process of its own that issues one draft, for tests of two at once.

Each thing it does is a line on its output. Told to pause, it waits with its number in
hand, and goes on when it reads a line.
"""

import sys

import django

django.setup()

from django.db import connection  # noqa: E402 - only now is Django ready

from invoicing.models import Invoice  # noqa: E402
from invoicing.services.issue_invoice import IssueInvoice  # noqa: E402
from services import Failure, Success, make  # noqa: E402

NAME_OF_SESSION = {
    "postgresql": "SELECT pg_backend_pid()",
    "mysql": "SELECT CONNECTION_ID()",
    "sqlite": "SELECT 0",
}


class IssueWithPause(IssueInvoice):
    steps = (make("pause", after="assign_number"),)

    def pause(self) -> None:
        say(f"holds {self.internals.number}")
        sys.stdin.readline()


def say(line: str) -> None:
    """Tell the test."""
    print(line, flush=True)


def main(pk: str, pause: str) -> None:
    """Issue one draft, with a pause or without."""
    draft = Invoice.objects.get(pk=pk)
    with connection.cursor() as cursor:
        cursor.execute(NAME_OF_SESSION[connection.vendor])
        session = cursor.fetchone()[0]
    say(f"begins in session {session}")
    service = IssueWithPause if pause == "pause" else IssueInvoice
    match service.attempt(invoice=draft):
        case Success(outputs):
            say(f"issued {outputs.invoice.number}")
        case Failure(error):
            say(f"failed: {error.code}")


main(*sys.argv[1:])
