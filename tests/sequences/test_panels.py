"""The panel of django-debug-toolbar: what services did in a request."""

from __future__ import annotations

import asyncio
import re
from importlib import import_module
from time import perf_counter

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import path

from sequences import AllocateNumber, Sequence, allocate, get_last_value
from sequences.testing import OtherSession
from services import Inputs, Outputs, Service, make
from services.seam import SEAM
from tests.sequences.marks import with_row_locks

pytestmark = pytest.mark.django_db(transaction=True)

invoice_numbers = Sequence("invoices")
kept_numbers = Sequence("kept", ledger=True)


class Issue(Service):
    class inputs(Inputs):
        customer: str = "<b>Ada</b>"

    class outputs(Outputs):
        number: int

    steps = (make("allocate"),)

    def allocate(self) -> None:
        self.outputs.number = AllocateNumber.run(sequence=invoice_numbers).value


def issue(_request: HttpRequest) -> HttpResponse:
    """Take two numbers."""
    with transaction.atomic():
        Issue.run()
        allocate("receipts")
    return HttpResponse("<body></body>")


def issue_where_few_are_left(_request: HttpRequest) -> HttpResponse:
    """Ask for two numbers where there is one."""
    full = Sequence("<i>full</i>", max_value=1)
    with transaction.atomic():
        for _ in range(2):
            AllocateNumber.attempt(sequence=full)
    return HttpResponse("<body></body>")


def nothing(_request: HttpRequest) -> HttpResponse:
    """Take no number."""
    return HttpResponse("<body></body>")


def keep(_request: HttpRequest) -> HttpResponse:
    """Take a number by a key."""
    with transaction.atomic():
        AllocateNumber.run(sequence=kept_numbers, key="order 17")
    return HttpResponse("<body></body>")


def broken(_request: HttpRequest) -> HttpResponse:
    """Raise while others look."""
    raise LookupError


VIEWS = (
    path("issue", issue),
    path("full", issue_where_few_are_left),
    path("nothing", nothing),
    path("keep", keep),
    path("broken", broken),
)


@pytest.fixture(autouse=True)
def toolbar():
    """A project with the toolbar, and in it our panel alone."""
    given = {
        "DEBUG": True,
        "INSTALLED_APPS": [*settings.INSTALLED_APPS, "debug_toolbar"],
        "MIDDLEWARE": ["debug_toolbar.middleware.DebugToolbarMiddleware"],
        "DEBUG_TOOLBAR_PANELS": ["sequences.panels.SequencesPanel"],
        "DEBUG_TOOLBAR_CONFIG": {"SHOW_TOOLBAR_CALLBACK": lambda _request: True},
    }
    with override_settings(**given):
        toolbar = import_module("debug_toolbar.toolbar")  # its models need the app
        urls = (*VIEWS, *toolbar.debug_toolbar_urls())
        with override_settings(ROOT_URLCONF=urls):
            yield


def panel_of(response: HttpResponse) -> str:
    """Open the panel as the toolbar does, by the request's id."""
    [request_id] = re.findall(r'data-request-id="(\w+)"', response.content.decode())
    asked = {"request_id": request_id, "panel_id": "SequencesPanel"}
    return Client().get("/__debug__/render_panel/", asked).json()["content"]


def rows_of(panel: str) -> list[list[str]]:
    """Give the cells of all rows; times as ``ms``."""
    rows = panel.split("<tr><td>")[1:]
    cells = [row.partition("</td></tr>")[0].split("</td><td>") for row in rows]
    return [["ms" if it.endswith(" ms") else it for it in row] for row in cells]


ISSUED = [
    ["invoices", "1", "ms", "Issue &gt; allocate &gt; AllocateNumber"],
    ["receipts", "1", "ms", "AllocateNumber"],
    ["Issue", "ms", "done"],
    ["Issue &gt; allocate &gt; AllocateNumber", "ms", "done"],
    ["AllocateNumber", "ms", "done"],
]


def test_numbers_and_runs_of_a_request_are_told():
    """Also those of services within services, and of ``allocate``."""
    assert rows_of(panel_of(Client().get("/issue"))) == ISSUED


def test_the_same_under_asgi():
    """There the view runs in another thread."""

    async def ask() -> HttpResponse:
        answer = await AsyncClient().get("/issue")
        await sync_to_async(connections.close_all)()
        return answer

    assert rows_of(panel_of(asyncio.run(ask()))) == ISSUED


def test_what_was_refused_is_told_and_no_markup_comes_from_names():
    """Why there is no number stands beside it; a name is shown as it is."""
    name = "&lt;i&gt;full&lt;/i&gt;"
    taken, refused, _, run = rows_of(panel_of(Client().get("/full")))
    assert taken[:2] == [name, "1"]
    assert refused[:2] == [name, "none"]
    assert run[2].startswith("failed SequenceExhausted: Sequence ")
    assert name in run[2]


def test_the_side_bar_counts():
    """How often, and for how long at most others were waited for."""
    page = Client().get("/issue").content.decode()
    assert "2 asked for in " in page


def test_a_request_without_services():
    """Empty tables are a word."""
    response = Client().get("/nothing")
    assert "asked for" not in response.content.decode()
    assert panel_of(response) == (
        "<h4>Numbers</h4><p>None.</p><h4>Services</h4><p>None.</p>"
    )


def test_it_looks_no_longer_than_the_request():
    """Also if the view raises: runs outside of requests are seen by nobody."""
    before = SEAM.in_use
    Client(raise_request_exception=False).get("/broken")
    assert SEAM.in_use == before


@with_row_locks
@pytest.mark.parametrize("kept", [invoice_numbers, kept_numbers])
def test_the_wait_for_another_transaction_is_told(kept: Sequence):
    """Who looks for what makes a page slow finds the sequence it waited for."""
    with OtherSession() as other:
        with transaction.atomic():
            AllocateNumber.run(sequence=kept)
            path = "/issue" if kept is invoice_numbers else "/keep"
            slow = other.start(Client().get, path)
            other.wait_until_blocked()
            begun = perf_counter()
            for _ in range(100):  # what a transaction does meanwhile
                get_last_value("invoices")
            ended = perf_counter()
        panel = panel_of(slow.result())
    waited_ms = float(panel.split("</td><td>")[2].removesuffix(" ms"))
    assert rows_of(panel)[0][:2] == [kept.sequence_name, "2"]
    assert waited_ms >= (ended - begun) * 1000
