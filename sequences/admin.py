"""Counters in the admin: to look at, not to touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from sequences.models import Sequence

if TYPE_CHECKING:
    from django.http import HttpRequest

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
