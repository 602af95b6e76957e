"""Counters in the admin: to look at, not to touch."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from sequences import get_last_value, get_next_value

URL = "/admin/sequences/sequence/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    """A client, logged in as somebody who may do everything."""
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_the_list_shows_name_and_counter(browser: Client):
    """Sorted by name."""
    get_next_value("receipts", 7)
    get_next_value("invoices", 41)
    page = browser.get(URL)
    assert [(each.name, each.last) for each in page.context["cl"].queryset] == [
        ("invoices", 41),
        ("receipts", 7),
    ]
    for text in ("invoices", "41", "receipts", "7"):
        assert text in page.text


def test_search_finds_by_name(browser: Client):
    """A part of the name is enough."""
    get_next_value("receipts")
    get_next_value("invoices")
    found = browser.get(URL, {"q": "voic"}).context["cl"].queryset
    assert [each.name for each in found] == ["invoices"]


def test_a_counter_can_be_viewed(browser: Client):
    """Its page has no field to fill in and no button to save or delete."""
    get_next_value("invoices", 41)
    page = browser.get(f"{URL}invoices/change/")
    assert page.status_code == 200
    assert "41" in page.text
    for control in ('name="last"', 'name="_save"', "deletelink"):
        assert control not in page.text


@pytest.mark.parametrize("place", ["add/", "invoices/change/", "invoices/delete/"])
def test_nothing_can_be_changed(browser: Client, place: str):
    """Adding, changing and deleting are forbidden, also to who may do everything."""
    get_next_value("invoices", 41)
    answer = browser.post(f"{URL}{place}", {"name": "x", "last": 1, "post": "yes"})
    assert answer.status_code == 403
    assert get_last_value("invoices") == 41
    assert get_last_value("x") is None


def test_nothing_can_be_deleted_from_the_list(browser: Client):
    """The list has no action for it."""
    get_next_value("invoices", 41)
    chosen = {"action": "delete_selected", "_selected_action": "invoices"}
    browser.post(URL, chosen)
    assert get_last_value("invoices") == 41
