"""The commands: to list counters, and to set one."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from sequences import (
    AllocateNumber,
    CloseSequence,
    Guarantee,
    Sequence,
    get_last_value,
    get_next_value,
)
from sequences.models import Sequence as Counter
from sequences.testing import OtherSession
from tests.sequences.marks import with_sequences
from tests.sequences.series import COLUMN

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])


def output_of(*command: str) -> str:
    """Run a command as from the command line, and give what it wrote."""
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


class TestListSequences:
    """manage.py list_sequences."""

    def test_counters_are_listed_by_name(self):
        """Numbers stand right-aligned in front of names."""
        get_next_value("receipts", 2**63 - 1)
        get_next_value("invoices", 41)
        assert output_of("list_sequences") == (
            "                 41  invoices\n9223372036854775807  receipts\n"
        )

    def test_a_name_that_would_break_the_line(self):
        """It is shown as Python writes it; other programs leave such names, too."""
        Counter.objects.create(name="a\nb", last=7)
        assert output_of("list_sequences") == "                  7  'a\\nb'\n"

    def test_closed_ones_cost_no_more(self, django_assert_max_num_queries):
        """However many are closed: where they stood is read at once."""
        orders = Sequence("orders", period="year", ledger=True)
        for year in range(2000, 2010):
            CloseSequence.run(sequence=orders.of(on=date(year, 1, 1)), reason="past")
        with django_assert_max_num_queries(3):
            assert output_of("list_sequences").count("(closed)") == 10

    def test_another_database(self):
        """Each database has its own."""
        get_next_value("invoices", 41, using="other")
        assert output_of("list_sequences", "--database=other") == (
            "                 41  invoices\n"
        )

    def test_none_is_told(self):
        """An empty list is a sentence."""
        assert output_of("list_sequences") == (
            "There are no counters on database 'default'.\n"
        )


class TestSetSequence:
    """manage.py set_sequence."""

    def test_a_new_counter(self):
        """Where none existed, one begins to."""
        assert output_of("set_sequence", "invoices", "41") == (
            "Sequence 'invoices' did not exist and stands at 41: the next number is "
            "42.\n"
        )
        assert get_next_value("invoices") == 42

    def test_a_part_counts_as_its_series(self):
        """A number between its steps is none of its own."""
        tens = Sequence("tens", 10, increment=10, scope=("by",), column=COLUMN)
        part = tens.of(scope={"by": "x"})
        with pytest.raises(CommandError, match="'tens/x': 15 is none of its numbers"):
            output_of("set_sequence", "tens/x", "15")
        output_of("set_sequence", "tens/x", "30")
        with transaction.atomic():
            assert AllocateNumber.run(sequence=part).value == 40

    @with_sequences
    def test_a_native_sequence_is_set_by_its_database(self):
        """Our counter of its name is none of it."""
        own = Sequence("own", guarantee=Guarantee.NATIVE, column=COLUMN)
        with pytest.raises(CommandError, match="the database counts it"):
            output_of("set_sequence", own.sequence_name, "41")

    def test_forward(self):
        """It tells where the counter stood."""
        get_next_value("invoices", 7)
        assert output_of("set_sequence", "invoices", "41") == (
            "Sequence 'invoices' stood at 7 and stands at 41: the next number is 42.\n"
        )

    def test_backward_is_refused(self):
        """Numbers would be given out again."""
        get_next_value("invoices", 41)
        with pytest.raises(CommandError) as refusal:
            output_of("set_sequence", "invoices", "7")
        assert str(refusal.value) == (
            "Sequence 'invoices' stands at 41 and cannot be set back to 7: it would "
            "give out numbers again. If none of the numbers after 7 exists, use "
            "SetCounter with force, or 'set_sequence --force'."
        )
        assert get_last_value("invoices") == 41

    def test_force_moves_it_backward(self):
        """Whoever knows better says so."""
        get_next_value("invoices", 41)
        assert output_of("set_sequence", "invoices", "7", "--force") == (
            "Sequence 'invoices' stood at 41 and stands at 7: the next number is 8.\n"
        )

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (
                ("x" * 101, "7"),
                (
                    f"Sequence '{'x' * 100}': its name has 101 characters, at most "
                    f"100 are possible."
                ),
            ),
            (
                ("invoices", str(2**63)),
                (
                    "Sequence 'invoices': a counter stands between 0 and 2**63 - 1, "
                    "not 9223372036854775808."
                ),
            ),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, arguments: tuple[str, str], sentence: str
    ):
        """As an error of the command, without a traceback."""
        with pytest.raises(CommandError) as refusal:
            output_of("set_sequence", *arguments)
        assert str(refusal.value) == sentence

    def test_a_closed_sequence_is_refused(self):
        """As an error of the command, and not without saying how it opens again."""
        orders = Sequence("orders", ledger=True)
        CloseSequence.run(sequence=orders, reason="the end")
        with pytest.raises(CommandError, match="'orders' is closed"):
            output_of("set_sequence", "orders", "5")

    def test_the_declared_sequence_tells_what_comes_next(self):
        """By its step; at its end, nothing does."""
        tens = Sequence("tens", 10, increment=10, max_value=50, ledger=True)
        assert output_of("set_sequence", "tens", "20").endswith(
            "the next number is 30.\n"
        )
        assert output_of("set_sequence", "tens", "50").endswith(
            "there is no next number.\n"
        )
        del tens

    def test_a_series_with_parts_has_no_counter_of_its_name(self):
        """One of its own would count nothing; that of a part is named in full."""
        yearly = Sequence("yearly", period="year", ledger=True)
        with pytest.raises(CommandError) as refusal:
            output_of("set_sequence", "yearly", "5")
        assert str(refusal.value) == (
            "Sequence 'yearly': it counts by year, so it has many counters. Name one "
            "of them, as list_sequences does."
        )
        output_of("set_sequence", "yearly/2026", "5")
        assert yearly.of(on=date(2026, 1, 1)).get_last_value() == 5

    def test_it_waits_for_who_takes_a_number(self):
        """Under the lock: a number that is being taken is not overtaken."""
        with OtherSession() as session, OtherSession() as operator:
            session.begin()
            session.run(get_next_value, "invoices", 50)
            setting = operator.start(output_of, "set_sequence", "invoices", "41")
            operator.wait_until_blocked()
            session.commit()
            with pytest.raises(CommandError):
                setting.result()
        assert get_last_value("invoices") == 50

    def test_another_database(self):
        """Only the counter there moves."""
        output_of("set_sequence", "invoices", "41", "--database=other")
        assert get_last_value("invoices") is None
        assert get_last_value("invoices", using="other") == 41
