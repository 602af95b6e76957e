"""The commands that write into the ledger, and what the admin shows of it."""

from datetime import date
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from sequences import (
    AllocateNumber,
    AllocateNumbers,
    AssignNumber,
    CloseSequence,
    Sequence,
    VoidNumber,
)
from sequences.models import LedgerEntry

pytestmark = pytest.mark.django_db(transaction=True)

RECEIPTS = Sequence("receipts", ledger=True)
BRANCHES = Sequence("branches", period="year", scope=("branch",), ledger=True)


def give_out(count: int, key: str | None = None) -> None:
    """Give out numbers at once."""
    with transaction.atomic():
        AllocateNumbers.run(sequence=RECEIPTS, count=count, key=key)


def output_of(*command: str) -> str:
    """Run a command as from the command line, and give what it wrote."""
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


class TestVoidNumber:
    """manage.py void_number."""

    def test_one_number_or_many(self):
        """It tells what is void now, and keeps why and who."""
        give_out(9)
        one = output_of("void_number", "receipts", "7", "--reason=torn", "--user=ada")
        assert one == "Of sequence 'receipts' 7 is void.\n"
        many = output_of("void_number", "receipts", "2", "4", "--reason=torn")
        assert many == "Of sequence 'receipts' 2 to 4 are void.\n"
        void = LedgerEntry.objects.filter(state="void").order_by("id")
        assert list(void.values_list("first", "last", "user")) == [
            (7, 7, "ada"),
            (2, 4, ""),
        ]

    def test_of_a_part(self):
        """Day and scope tell which."""
        with transaction.atomic():
            AllocateNumber.run(
                sequence=BRANCHES, on=date(2026, 5, 4), scope={"branch": "K1"}
            )
        words = ["--on=2026-01-01", "--scope=branch=K1", "--reason=torn"]
        assert output_of("void_number", "branches", "1", *words) == (
            "Of sequence 'branches/2026/K1' 1 is void.\n"
        )

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (
                ["recipts", "1"],
                (
                    "No sequence 'recipts' is declared with ledger=True in a "
                    "module that Django imports, such as an app's models. "
                    "Did you mean 'receipts'?"
                ),
            ),
            (
                ["receipts", "1"],
                (
                    "Number 1 of sequence 'receipts' cannot be void: the sequence has "
                    "given out none. Only a number that was given out can be void."
                ),
            ),
            (["branches", "1", "--scope=K1"], "--scope is NAME=VALUE, not 'K1'."),
            (
                ["branches", "1"],
                (
                    "Sequence 'branches': it counts by year and branch: a number needs "
                    "the document's date. Pass --on."
                ),
            ),
            (
                ["branches", "1", "--on=2026-01-01"],
                (
                    "Sequence 'branches': it counts by year and branch: a number needs "
                    "the branch, as text, got None. Pass --scope branch=...."
                ),
            ),
            (
                ["branches", "1", "--on=01.02.2026"],
                (
                    "Error: argument --on: a day is YYYY-MM-DD, as 2026-12-31, not "
                    "'01.02.2026'."
                ),
            ),
        ],
    )
    def test_what_is_refused(self, words: list[str], told: str):
        """In the words of the service."""
        with pytest.raises(CommandError) as refusal:
            output_of("void_number", *words, "--reason=torn")
        assert str(refusal.value) == told


class TestCloseSequence:
    """manage.py close_sequence."""

    def test_it_tells_where_it_ended(self):
        """And the list of counters says so."""
        give_out(9)
        assert output_of("close_sequence", "receipts", "--reason=the end") == (
            "Sequence 'receipts' is closed at 9; 0 numbers are void by that.\n"
        )
        words = ["--on=2025-01-01", "--scope=branch=K1", "--reason=none"]
        assert output_of("close_sequence", "branches", *words) == (
            "Sequence 'branches/2025/K1' is closed before its first number; 0 numbers "
            "are void by that.\n"
        )
        assert output_of("list_sequences") == (
            "                  -  branches/2025/K1  (closed)\n"
            "                  9  receipts  (closed)\n"
        )

    def test_it_is_closed_once(self):
        """The refusal is that of the service."""
        CloseSequence.run(sequence=RECEIPTS, reason="the end")
        with pytest.raises(CommandError, match="is closed and gives out no more"):
            output_of("close_sequence", "receipts", "--reason=the end")


class TestTheAdmin:
    """The ledger in the admin: to look at, not to touch."""

    URL = "/admin/sequences/ledgerentry/"

    @pytest.fixture
    def browser(self, client: Client):
        """A browser in which somebody who may do everything is logged in."""
        client.force_login(User.objects.create_superuser("root"))
        return client

    @pytest.mark.parametrize(
        ("searched", "found"),
        [
            ("4711", [4000]),
            ("order-17", [1]),
            ("receipts 5", [2]),
            ("receipts", [5000, 4000, 2, 1]),
            ("returns 1", []),
            ("an order", [5000]),
            ("9" * 30, []),
            (" ", [5000, 4000, 2, 1]),
        ],
    )
    def test_search(self, browser: Client, searched: str, found: list[int]):
        """By number, by key, by sequence, or by several of these."""
        give_out(1, "order-17")
        give_out(3_998)
        give_out(1_000)
        give_out(1, "an order")
        page = browser.get(self.URL, {"q": searched})
        assert [entry.first for entry in page.context["cl"].queryset] == found

    @pytest.mark.parametrize(
        ("state", "found"), [("reserved", [2, 1]), ("assigned", [3, 2]), ("void", [1])]
    )
    def test_a_filter(self, browser: Client, state: str, found: list[int]):
        """By each state that a number can be in, the newest first."""
        give_out(1)
        give_out(1)
        AssignNumber.run(sequence=RECEIPTS, value=2, document="receipt 2")
        with transaction.atomic():
            AllocateNumber.run(sequence=RECEIPTS, document="receipt 3")
        VoidNumber.run(sequence=RECEIPTS, value=1, reason="torn")
        assert f"?state__exact={state}" in browser.get(self.URL).text
        page = browser.get(self.URL, {"state__exact": state})
        assert [entry.first for entry in page.context["cl"].queryset] == found

    def test_nothing_can_be_changed(self, browser: Client):
        """Not even by who may do everything."""
        give_out(1)
        VoidNumber.run(sequence=RECEIPTS, value=1, reason="<b>torn</b>")
        [*_, void] = LedgerEntry.objects.order_by("id")
        page = browser.get(f"{self.URL}{void.pk}/change/")
        assert "&lt;b&gt;torn&lt;/b&gt;" in page.text
        for place in ("add/", f"{void.pk}/change/", f"{void.pk}/delete/"):
            assert (
                browser.post(f"{self.URL}{place}", {"post": "yes"}).status_code == 403
            )
        assert LedgerEntry.objects.count() == 2

    def test_closed_sequences_are_listed(self, browser: Client):
        """With the reason."""
        CloseSequence.run(sequence=RECEIPTS, reason="the end")
        page = browser.get("/admin/sequences/closedsequence/")
        assert "the end" in page.text
