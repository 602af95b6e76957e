"""Counters in the admin: to look at, not to touch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.safestring import mark_safe

from sequences import definitions
from sequences.errors import InvalidSequence, SequenceError
from sequences.ledger.audit_numbers import AuditNumbers
from sequences.ledger.pages import section
from sequences.ledger.reports import KINDS
from sequences.models import Sequence

LIMIT = 100
"""How many findings of each kind a page lists."""

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.urls import URLPattern

    # Generic to type checkers only: Django's own class takes no arguments.
    ReadOnly = admin.ModelAdmin[Sequence]
else:
    ReadOnly = admin.ModelAdmin


@admin.register(Sequence)
class SequenceAdmin(ReadOnly):
    """A list of counters. A number changed by hand would be given out twice."""

    list_display = ("name", "last")
    ordering = ("name",)
    search_fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        """Add the audit."""
        view = self.admin_site.admin_view(self.audit)
        return [
            path("audit/", view, name="sequences_sequence_audit"),
            *super().get_urls(),
        ]

    def audit(self, request: HttpRequest) -> HttpResponse:
        """
        List the sequences that can be audited, or audit one of them. Reads only.

        Whoever looks has to be allowed to view counters, and the documents.
        """
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        request.current_app = self.admin_site.name
        known = _auditable(request)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Audit",
            "chosen": (chosen := request.GET.get("sequence")),
            "sequences": [
                {
                    "name": name,
                    "query": urlencode({"sequence": name}),
                    "documents": sequence.documents().model._meta.verbose_name_plural,
                    "guarantee": sequence.guarantee.name,
                }
                for name, sequence in known.items()
            ],
        }
        if chosen is not None:
            if chosen not in known:
                raise Http404
            context["title"] = f"Audit of {chosen}"
            try:
                found = AuditNumbers.run(sequence=known[chosen], limit=LIMIT).audit
                # Each value in it is escaped where it is put in.
                context["report"] = mark_safe(section(found, KINDS))  # noqa: S308
            except SequenceError as error:
                context["error"] = str(error)
        template = "admin/sequences/sequence/audit.html"
        return TemplateResponse(request, template, context)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Refuse: a counter begins to exist with its first number."""
        return False

    def has_change_permission(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: Sequence | None = None,  # noqa: ARG002
    ) -> bool:
        """Refuse: ``manage.py set_sequence`` moves a counter, under its lock."""
        return False

    def has_delete_permission(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: Sequence | None = None,  # noqa: ARG002
    ) -> bool:
        """Refuse: a deleted sequence starts again with numbers that exist."""
        return False


def _auditable(request: HttpRequest) -> dict[str, definitions.Sequence]:
    """Give the sequences whose documents the user may view, by name."""
    found = {}
    for sequence in definitions.sequences_with_documents():
        try:
            meta = sequence.documents().model._meta
        except InvalidSequence:
            continue  # a system check tells
        codename = get_permission_codename("view", meta)
        if request.user.has_perm(f"{meta.app_label}.{codename}"):
            found[sequence.sequence_name] = sequence
    return found
