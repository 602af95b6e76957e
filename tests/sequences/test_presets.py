"""Ready-made series."""

from collections.abc import Callable
from datetime import date
from inspect import getdoc
from typing import Any

import pytest
from django.db import transaction

from sequences import AllocateNumber, InvalidSequence, Sequence
from sequences.presets import (
    branch_invoices,
    brazilian_invoices,
    credit_notes,
    french_invoices,
    indian_invoices,
    yearly_invoices,
)

DAY = date(2026, 5, 1)
EXAMPLES: list[tuple[Callable[..., Sequence], dict[str, Any], str]] = [
    (yearly_invoices, {"on": DAY}, "INV-2026-00001"),
    (credit_notes, {"on": DAY}, "CN-2026-00001"),
    (branch_invoices, {"on": DAY, "scope": {"branch": "K1"}}, "INV-K1-2026-00001"),
    (french_invoices, {"on": DAY}, "F00000001"),
    (indian_invoices, {"on": DAY}, "INV/26-27/00001"),
    (brazilian_invoices, {"scope": {"establishment": "1", "series": "1"}}, "1"),
]


@pytest.mark.parametrize(("preset", "place", "text"), EXAMPLES)
@pytest.mark.django_db
@transaction.atomic
def test_what_it_prints(
    preset: Callable[..., Sequence], place: dict[str, Any], text: str
):
    """Each prints as its docstring shows, and names the rule and where it was read."""
    assert AllocateNumber.run(sequence=preset(), **place).text == text
    about = " ".join((getdoc(preset) or "").split())
    assert "Rule: " in about
    assert "Read in " in about
    assert text in about or text == "1"


def test_an_indian_number_is_never_longer_than_16():
    """A prefix that leaves no room, or holds other characters, is refused."""
    assert indian_invoices(prefix="ABCD").of(on=DAY).print(99_999) == "ABCD/26-27/99999"
    with pytest.raises(InvalidSequence, match="max_length is 16"):
        indian_invoices(prefix="ABCDE")
    with pytest.raises(InvalidSequence, match="not in charset"):
        indian_invoices(prefix="A#")


def test_a_brazilian_series_ends_at_its_limit():
    """Behind 999,999,999 there is none."""
    assert brazilian_invoices().progression.limit == 999_999_999


def test_the_caller_may_say_otherwise():
    """Any option of a Sequence goes before what is ready-made; braces are text."""
    bills = yearly_invoices(
        "bills", prefix="{A}", timezone="Europe/Rome", using="other"
    )
    assert (bills.sequence_name, bills.using) == ("bills", "other")
    assert bills.of(on=DAY).print(1) == "{A}-2026-00001"
    free = french_invoices(format="{value}")
    assert free.print(1) == "1"
