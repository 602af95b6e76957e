"""The Django app, under the path it has in django-sequences."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from services.wording import short_form


class SequencesConfig(AppConfig):
    """Counters, their admin, and the system checks."""

    name = "sequences"
    verbose_name = _("Sequences")

    def ready(self) -> None:
        """Register the system checks, and how models are shown in errors."""
        from sequences import checks  # noqa: PLC0415 - needs the app registry

        checks.register_all()
        short_form.register(Model, _shown_by_key)


def _shown_by_key(instance: Model) -> str:
    """Show a model instance without its ``__str__``, which may query."""
    return f"<{type(instance).__name__} {instance.pk}>"
