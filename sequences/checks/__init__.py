"""System checks: what would go wrong later, told when the project starts."""

from __future__ import annotations

from django.core import checks

from sequences.checks.databases import check_databases
from sequences.checks.distribution import check_distribution
from sequences.checks.documents import check_counters, check_documents
from sequences.checks.fields import check_number_fields

__all__ = [
    "check_counters",
    "check_databases",
    "check_distribution",
    "check_documents",
    "check_number_fields",
    "register_all",
]


def register_all() -> None:
    """Register every check of this module with Django."""
    checks.register(check_distribution)
    checks.register(check_documents, checks.Tags.models)
    checks.register(check_number_fields, checks.Tags.models)
    checks.register(check_databases)
    checks.register(check_counters, checks.Tags.database)
