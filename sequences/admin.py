"""Counters and the ledger in the admin: to look at, not to touch."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from sequences import definitions, registry
from sequences.arithmetic import HIGHEST
from sequences.errors import InvalidSequence, SequenceError
from sequences.ledger.audit_numbers import AuditNumbers
from sequences.ledger.pages import section
from sequences.models import ClosedSequence, LedgerEntry, Sequence

LIMIT = 100
"""How many findings of each kind a page lists."""

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse
    from django.urls import URLPattern

    # Generic to type checkers only: Django's own class takes no arguments.
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


class ReadOnly(Base):
    """Rows that services write, and nobody by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Refuse: each row is written together with what it tells."""
        return False

    def has_change_permission(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: Any = None,  # noqa: ARG002
    ) -> bool:
        """Refuse: a change by hand would give out a number twice, or hide one."""
        return False

    def has_delete_permission(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: Any = None,  # noqa: ARG002
    ) -> bool:
        """Refuse: a deleted sequence starts again with numbers that exist."""
        return False


@admin.register(Sequence)
class SequenceAdmin(ReadOnly):
    """A list of counters. ``manage.py set_sequence`` moves one, under its lock."""

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
            "title": pgettext("audit", "Audit"),
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
            context["title"] = gettext("Audit of %(sequence)s") % {"sequence": chosen}
            try:
                found = AuditNumbers.run(sequence=known[chosen], limit=LIMIT).audit
                # Each value in it is escaped where it is put in.
                context["report"] = mark_safe(section(found))  # noqa: S308
            except SequenceError as error:
                context["error"] = str(error)
        template = "admin/sequences/sequence/audit.html"
        return TemplateResponse(request, template, context)


def _auditable(request: HttpRequest) -> dict[str, definitions.Sequence]:
    """Give the sequences whose documents the user may view, by name."""
    found = {}
    for sequence in registry.sequences_with_documents():
        try:
            meta = sequence.documents().model._meta
        except InvalidSequence:
            continue  # a system check tells
        codename = get_permission_codename("view", meta)
        if request.user.has_perm(f"{meta.app_label}.{codename}"):
            found[sequence.sequence_name] = sequence
    return found


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly):
    """What became of each number."""

    list_display = ("name", "first", "last", "state", "key", "document", "user", "at")
    list_filter = ("state",)
    ordering = ("-id",)
    show_full_result_count = False
    search_fields = ("name", "key")
    search_help_text = _("A number, the name of a sequence, a key; all must fit.")

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """Find whole words: as soon as a sequence is named, by the indexes."""
        if not search_term.strip():
            return queryset, False
        words = [_fits(word) for word in search_term.split()]
        whole = _fits(search_term.strip())  # of names and keys that hold a space
        return queryset.filter(whole | reduce(and_, words, Q())), False


def _fits(word: str) -> Q:
    fits = Q(name=word) | Q(key=word)
    if word.isascii() and word.isdigit() and len(word) <= len(str(HIGHEST)):
        number = min(int(word), HIGHEST)
        fits |= Q(first__lte=number, last__gte=number)
    return fits


@admin.register(ClosedSequence)
class ClosedSequenceAdmin(ReadOnly):
    """The sequences that give out no more numbers."""

    list_display = ("name", "last", "reason", "user", "at")
    ordering = ("name",)
    search_fields = ("name",)
