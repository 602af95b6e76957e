"""Whether django-sequences is installed beside this."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error

from sequences.checks.hints import hint_at

if TYPE_CHECKING:
    from collections.abc import Sequence as Messages


def check_distribution(**_: Any) -> Messages[CheckMessage]:
    """E001: django-sequences is installed beside this, under the same import name."""
    try:
        metadata.distribution("django-sequences")
    except metadata.PackageNotFoundError:
        return []
    return [
        Error(
            "django-sequences is installed beside django-seriatim, and both are "
            "imported as 'sequences'.",
            hint=hint_at(
                "sequences.E001",
                "Run 'pip uninstall django-sequences', then reinstall django-seriatim.",
            ),
            id="sequences.E001",
        )
    ]
