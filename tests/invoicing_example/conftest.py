"""Drafts to be issued, and a disk that is full at the wrong moment."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connection

from invoicing.models import Customer, Invoice, InvoiceLine

MakeDraft = Callable[..., Invoice]


@pytest.fixture
def make_draft() -> MakeDraft:
    """Give a function that writes a draft of lines (description, quantity, price)."""

    def make(
        *lines: tuple[str, str, str], email: str = "ada@lindqvist.example"
    ) -> Invoice:
        customer, _ = Customer.objects.get_or_create(
            email=email,
            defaults={
                "name": "Ada Lindqvist",
                "address": "Storgatan 12",
                "city": "Umeå",
                "postal_code": "903 26",
                "country": "Sweden",
            },
        )
        draft = Invoice.objects.create(customer=customer, drafted_on=date(2026, 3, 2))
        for description, quantity, price in lines or [("Desk lamp", "2", "58.90")]:
            InvoiceLine.objects.create(
                invoice=draft,
                description=description,
                quantity=quantity,
                unit_price=price,
            )
        return draft

    return make


@pytest.fixture
def draft(make_draft: MakeDraft) -> Invoice:
    """Give a draft over 117.80."""
    return make_draft()


@pytest.fixture
def next_draft(draft: Invoice, make_draft: MakeDraft) -> Invoice:
    """Give a draft whose turn is after the other one."""
    return make_draft()


@contextmanager
def no_room_for_invoices() -> Iterator[None]:
    """Let every statement fail that would save an invoice."""

    def refuse(
        execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any
    ) -> Any:
        if sql.startswith("UPDATE") and Invoice._meta.db_table in sql:
            raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


@pytest.fixture
def full_disk() -> AbstractContextManager[None]:
    """Give a context in which no invoice can be saved."""
    return no_room_for_invoices()
