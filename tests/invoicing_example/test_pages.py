"""The pages and the admin: drafts can be issued there, invoices cannot be changed."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from invoicing.models import Invoice
from invoicing.services.issue_invoice import IssueInvoice
from tests.invoicing_example.conftest import MakeDraft

pytestmark = pytest.mark.django_db


def messages_of(response: object) -> list[str]:
    """Give what the page tells its reader."""
    return [str(message) for message in response.context["messages"]]  # type: ignore[attr-defined]


@pytest.fixture
def issued(draft: Invoice) -> Invoice:
    """Give invoice 1."""
    return IssueInvoice.run(invoice=draft, issued_on=date(2026, 11, 21)).invoice


class TestPages:
    @pytest.mark.parametrize("path", ["/", "/?drafts", "/invoices/1/"])
    def test_strangers_see_the_login(self, client: Client, path: str):
        """Customers' addresses are for those who work with them."""
        response = client.get(path)

        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")

    def test_the_list_tells_numbers_and_gaps(
        self, admin_client: Client, issued: Invoice, make_draft: MakeDraft
    ):
        """Invoices are listed under what an audit of their numbers says."""
        make_draft()

        page = admin_client.get("/").content.decode()

        assert "<dt>Numbers</dt><dd>1 to 1</dd>" in page
        assert "<dt>Gaps</dt><dd>none</dd>" in page
        assert "21 Nov 2026" in page
        assert "Drafts <span>1</span>" in page

    def test_drafts_have_a_list_of_their_own(
        self, admin_client: Client, draft: Invoice
    ):
        """They stand there with the sum of their lines, and no number."""
        page = admin_client.get("/?drafts").content.decode()

        assert f">draft {draft.pk}</a>" in page
        assert "117.80" in page

    def test_long_lists_have_pages(self, admin_client: Client, make_draft: MakeDraft):
        """The way to the next page keeps to the drafts."""
        for _ in range(26):
            make_draft()

        page = admin_client.get("/?drafts").content.decode()

        assert "Page 1 of 2" in page
        assert 'href="?drafts&amp;page=2"' in page

    def test_an_invoice_shows_what_was_frozen(
        self, admin_client: Client, issued: Invoice
    ):
        """Recipient and total are those of the day on which it was issued."""
        issued.customer.city = "Malmö"
        issued.customer.save()

        page = admin_client.get(issued.get_absolute_url()).content.decode()

        assert "<h1>Invoice 1</h1>" in page
        assert "903 26 Umeå" in page
        assert "117.80" in page

    def test_the_button_issues_the_draft(self, admin_client: Client, draft: Invoice):
        """It leads to the invoice, and says its number."""
        response = admin_client.post(reverse("issue", args=[draft.pk]), follow=True)

        assert messages_of(response) == ["This is now invoice 1."]
        assert "<h1>Invoice 1</h1>" in response.content.decode()

    def test_the_button_pressed_twice(self, admin_client: Client, issued: Invoice):
        """The second press changes nothing and says why."""
        response = admin_client.post(reverse("issue", args=[issued.pk]), follow=True)

        assert messages_of(response) == [
            "Only a draft can be issued: this is invoice 1 of 2026-11-21."
        ]

    def test_looking_is_not_issuing(self, client: Client, draft: Invoice):
        """Staff without the permission to change invoices cannot press the button."""
        clerk = User.objects.create_user("clerk", is_staff=True)
        client.force_login(clerk)

        assert client.get(draft.get_absolute_url()).status_code == 200
        assert client.post(reverse("issue", args=[draft.pk])).status_code == 403
        assert Invoice.objects.get().is_draft


class TestAdmin:
    def issue(self, admin_client: Client, *drafts: Invoice) -> list[str]:
        """Use the action, and give the messages."""
        response = admin_client.post(
            reverse("admin:invoicing_invoice_changelist"),
            {"action": "issue", "_selected_action": [draft.pk for draft in drafts]},
            follow=True,
        )
        return messages_of(response)

    def test_the_action_issues_the_oldest_first(
        self, admin_client: Client, make_draft: MakeDraft
    ):
        """Selected drafts get their numbers by date."""
        late, early = make_draft(), make_draft()
        Invoice.objects.filter(pk=early.pk).update(drafted_on=date(2026, 1, 1))

        assert self.issue(admin_client, late, early) == [
            "Issued: invoice 1, invoice 2."
        ]
        assert Invoice.objects.get(pk=early.pk).number == 1

    def test_what_cannot_be_issued_is_told(
        self, admin_client: Client, issued: Invoice, make_draft: MakeDraft
    ):
        """Each one with its reason; the others are issued."""
        empty, good = make_draft(), make_draft()
        empty.lines.all().delete()

        assert self.issue(admin_client, issued, empty, good) == [
            (
                f"Draft {issued.pk} was not issued. Only a draft can be issued: this "
                f"is invoice 1 of 2026-11-21."
            ),
            (
                f"Draft {empty.pk} was not issued. There is nothing to pay on draft "
                f"{empty.pk}: it has no lines."
            ),
            "Issued: invoice 2.",
        ]

    def test_a_draft_can_be_written(self, admin_client: Client, draft: Invoice):
        """A draft and its lines are open, its number is not."""
        line = draft.lines.get()
        page = reverse("admin:invoicing_invoice_change", args=[draft.pk])

        response = admin_client.post(
            page,
            {
                "customer": draft.customer.pk,
                "drafted_on": "2026-04-01",
                "number": "99",
                "lines-TOTAL_FORMS": 1,
                "lines-INITIAL_FORMS": 1,
                "lines-0-id": line.pk,
                "lines-0-invoice": draft.pk,
                "lines-0-description": "Desk lamp, green",
                "lines-0-quantity": 3,
                "lines-0-unit_price": "58.90",
            },
        )

        assert response.status_code == 302
        kept = Invoice.objects.get()
        assert (str(kept.drafted_on), kept.number) == ("2026-04-01", None)
        assert kept.lines.get().description == "Desk lamp, green"

    def test_an_issued_invoice_can_only_be_read(
        self, admin_client: Client, issued: Invoice
    ):
        """Neither changed nor deleted, alone or among others: it would be a gap."""
        change = reverse("admin:invoicing_invoice_change", args=[issued.pk])
        delete = reverse("admin:invoicing_invoice_delete", args=[issued.pk])

        assert b'name="_save"' not in admin_client.get(change).content
        assert admin_client.post(change, {}).status_code == 403
        assert admin_client.post(delete, {"post": "yes"}).status_code == 403
        admin_client.post(
            reverse("admin:invoicing_invoice_changelist"),
            {
                "action": "delete_selected",
                "_selected_action": [issued.pk],
                "post": "yes",
            },
        )
        assert Invoice.objects.get().number == 1

    def test_every_page_of_the_admin_opens(
        self, admin_client: Client, issued: Invoice, make_draft: MakeDraft
    ):
        """Lists, forms and searches."""
        draft = make_draft()
        for page in [
            reverse("admin:invoicing_customer_changelist"),
            reverse("admin:invoicing_invoice_changelist") + "?q=1&number__isempty=1",
            reverse("admin:invoicing_invoice_changelist") + "?q=ada",
            reverse("admin:invoicing_invoice_add"),
            reverse("admin:invoicing_invoice_change", args=[draft.pk]),
        ]:
            assert admin_client.get(page).status_code == 200, page
