"""Counters in the admin: to look at, not to touch."""

import pytest
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.test import Client
from django.utils.translation import override

from sequences import NumberDocument, Sequence, get_last_value, get_next_value
from tests.documents.models import Order
from tests.sequences.unreadable import Words, unreadable

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


def content(page: str) -> str:
    """Give the part of a page that is not the frame of every page of the admin."""
    return page.partition('<div id="content-main">')[2].partition("<footer")[0]


class TestAudit:
    """An audit of a declared sequence, beside its counter."""

    @pytest.fixture(autouse=True)
    def cases(self) -> None:
        """Three cases, of which the second is gone."""
        with transaction.atomic():
            for _ in range(3):
                NumberDocument.run(document=(order := Order()))
                order.save()
        Order.objects.filter(number=2).delete()

    def test_the_list_leads_to_it(self, browser: Client):
        """From the counters to the sequences, and to the audit of one."""
        assert f'href="{URL}audit/"' in browser.get(URL).text
        page = browser.get(f"{URL}audit/")
        assert '<a href="?sequence=cases">cases</a>' in page.text

    def test_no_sequence_at_all(self, browser: Client, monkeypatch):
        """Also that is told, in the language of the request."""
        monkeypatch.setattr("sequences.admin._auditable", lambda _: {})
        with unreadable():
            page = browser.get(f"{URL}audit/").text
        assert not Words(content(page)).found
        assert "··" in content(page)

    def test_it_names_what_is_missing(self, browser: Client):
        """With the picture of the report."""
        page = browser.get(f"{URL}audit/", {"sequence": "cases"})
        assert "1 finding is unexplained." in page.text
        assert "<title>2 to 2: 1 missing</title>" in page.text
        assert page.context["title"] == "Audit of cases"

    def test_it_is_in_the_language_of_the_request(self, browser: Client):
        """The way to it, the list, and what was found."""
        with override("de"):
            counters = browser.get(URL).text
            sequences = browser.get(f"{URL}audit/")
            page = browser.get(f"{URL}audit/", {"sequence": "cases"})
        assert f'<a href="{URL}audit/">Prüfung</a>' in counters
        assert sequences.context["title"] == "Prüfung"
        for head in ("Nummernfolge", "Belege", "Garantie"):
            assert f'<th scope="col">{head}</th>' in sequences.text
        assert page.context["title"] == "Prüfung von cases"
        assert "1 Feststellung ist ungeklärt." in page.text

    def test_no_word_of_it_is_english_alone(self, browser: Client):
        """What is no name can be translated, on each of its pages."""
        looping = Sequence("loops", 1, 9, column="documents.Order.number")
        with unreadable():
            counters = browser.get(URL).text
            sequences = browser.get(f"{URL}audit/").text
            page = browser.get(f"{URL}audit/", {"sequence": "cases"}).text
            refused = browser.get(f"{URL}audit/", {"sequence": "loops"}).text
        del looping
        [link] = [it for it in counters.split("<a ") if f'href="{URL}audit/"' in it]
        assert not Words(f"<a {link.partition('</a>')[0]}").found
        head = sequences.partition("<thead>")[2].partition("</thead>")[0]
        assert not Words(head).found
        known = {"cases", "documents", "order", "number", "default", "UTC"}
        assert Words(content(page)).found <= known
        assert not Words(content(refused).partition('<p lang="en">')[0]).found

    def test_what_cannot_be_audited_is_told(self, browser: Client):
        """As a message, not as an error of the server."""
        looping = Sequence("loops", 1, 9, column="documents.Order.number")
        page = browser.get(f"{URL}audit/", {"sequence": "loops"})
        assert page.status_code == 200
        assert "it loops, so that its numbers meet again" in page.text
        del looping

    def test_names_are_escaped(self, browser: Client):
        """Whatever they look like."""
        evil = Sequence("<b>&", column="documents.Order.number")
        for query in ({}, {"sequence": "<b>&"}):
            page = browser.get(f"{URL}audit/", query)
            assert page.status_code == 200
            assert "<b>&" not in page.text
        del evil

    def test_an_unknown_sequence_is_not_found(self, browser: Client):
        """Also one that is not declared with column=."""
        assert browser.get(f"{URL}audit/?sequence=no+such").status_code == 404

    def test_it_is_only_read(self, browser: Client):
        """There is nothing to post."""
        assert browser.post(f"{URL}audit/").status_code == 405

    @pytest.mark.parametrize(
        ("rights", "status"),
        [
            ([], 403),
            (["view_order"], 403),
            (["view_sequence"], 404),
            (["view_sequence", "view_order"], 200),
        ],
    )
    def test_who_may_look(self, rights: list[str], status: int):
        """Whoever may view counters, and the documents that are audited."""
        user = User.objects.create_user("clerk", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        client = Client()
        client.force_login(user)
        answer = client.get(f"{URL}audit/", {"sequence": "cases"})
        assert answer.status_code == status

    def test_others_log_in_first(self):
        """As everywhere in the admin."""
        answer = Client().get(f"{URL}audit/")
        assert answer.status_code == 302
        assert "/admin/login/" in answer.headers["Location"]
