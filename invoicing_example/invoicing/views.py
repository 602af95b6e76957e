"""Pages for those who may use the admin: a list, an invoice, a button to issue it."""

from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from invoicing.audit import audit_numbers, gaps_told
from invoicing.models import Invoice
from invoicing.services.issue_invoice import IssueInvoice
from sequences import retry_on_conflict
from services import Failure, Success

PER_PAGE = 25


@require_safe
@staff_member_required
def invoices(request: HttpRequest) -> HttpResponse:
    """List issued invoices, newest first, or drafts in the order of their turn."""
    shows_drafts = "drafts" in request.GET
    drafts, issued = Invoice.objects.drafts(), Invoice.objects.issued().reverse()
    shown = (drafts if shows_drafts else issued).select_related("customer")
    page = Paginator(shown.prefetch_related("lines"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    audit = audit_numbers()
    context = {
        "page": page,
        "shows_drafts": shows_drafts,
        "draft_count": drafts.count(),
        "audit": audit,
        "gaps": gaps_told(audit),
    }
    return render(request, "invoicing/invoices.html", context)


@require_safe
@staff_member_required
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one invoice, or what it will be."""
    related = Invoice.objects.select_related("customer").prefetch_related("lines")
    context = {"invoice": get_object_or_404(related, pk=pk)}
    return render(request, "invoicing/invoice.html", context)


@require_POST
@staff_member_required
@permission_required("invoicing.change_invoice", raise_exception=True)
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue one draft, and show the invoice, or why there is none."""
    draft = get_object_or_404(Invoice, pk=pk)
    match retry_on_conflict()(IssueInvoice.attempt)(invoice=draft):
        case Success(outputs):
            messages.success(request, f"This is now invoice {outputs.invoice.number}.")
        case Failure(error):
            messages.error(request, error.message)
    return redirect(draft)
