"""The admin: drafts can be written, issued invoices only read."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from invoicing.models import Customer, Invoice, InvoiceLine
from invoicing.services.issue_invoice import IssueInvoice
from sequences import retry_on_conflict
from services import Failure, Success

if TYPE_CHECKING:
    # Generic to type checkers only: Django's own classes take no arguments.
    Customers = admin.ModelAdmin[Customer]
    Invoices = admin.ModelAdmin[Invoice]
    Lines = admin.TabularInline[InvoiceLine, Invoice]
    Form = ModelForm[Invoice]
else:
    Customers = Invoices = admin.ModelAdmin
    Lines, Form = admin.TabularInline, ModelForm


@admin.register(Customer)
class CustomerAdmin(Customers):
    list_display = ("name", "email", "city", "country")
    search_fields = ("name", "email")


class InvoiceLineInline(Lines):
    model = InvoiceLine
    extra = 0

    def has_add_permission(
        self, request: HttpRequest, obj: Invoice | None = None
    ) -> bool:
        return is_open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(
        self, request: HttpRequest, obj: Invoice | None = None
    ) -> bool:
        return is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(
        self, request: HttpRequest, obj: Invoice | None = None
    ) -> bool:
        return is_open(obj) and super().has_delete_permission(request, obj)


@admin.register(Invoice)
class InvoiceAdmin(Invoices):
    list_display = ("__str__", "customer", "drafted_on", "issued_on", "total")
    list_filter = (("number", admin.EmptyFieldListFilter), "drafted_on")
    list_select_related = ("customer",)
    search_fields = ("number", "reference", "customer__name")
    ordering = (F("number").desc(nulls_first=True), "drafted_on", "pk")
    autocomplete_fields = ("customer",)
    readonly_fields = Invoice.ISSUED
    inlines = (InvoiceLineInline,)
    actions = ("issue",)

    def has_change_permission(
        self, request: HttpRequest, obj: Invoice | None = None
    ) -> bool:
        return is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(
        self, request: HttpRequest, obj: Invoice | None = None
    ) -> bool:
        """Refuse for an issued invoice: its number would become a gap."""
        return is_open(obj) and super().has_delete_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: Invoice, form: Form, change: Any
    ) -> None:
        """Save a draft under its lock, so that nobody issues it before its lines."""
        if change and not Invoice.objects.select_for_update().get(pk=obj.pk).is_draft:
            raise PermissionDenied("This draft was issued in the meantime.")
        super().save_model(request, obj, form, change)

    @admin.action(description="Issue selected drafts", permissions=["change"])
    def issue(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> None:
        """Issue one after the other, oldest first; one that fails stops no other."""
        numbers = []
        for draft in queryset.order_by("drafted_on", "pk"):
            match retry_on_conflict()(IssueInvoice.attempt)(invoice=draft):
                case Success(outputs):
                    numbers.append(outputs.invoice.number)
                case Failure(error):
                    told = f"Draft {draft.pk} was not issued. {error.message}"
                    self.message_user(request, told, messages.ERROR)
        if numbers:
            told = f"Issued: {', '.join(f'invoice {number}' for number in numbers)}."
            self.message_user(request, told, messages.SUCCESS)


def is_open(invoice: Invoice | None) -> bool:
    """Tell whether an invoice, if one is meant, is still a draft."""
    return invoice is None or invoice.is_draft
