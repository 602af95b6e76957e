"""The app, as Django knows it."""

from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "invoicing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let checks and commands know the series: nothing else imports them first."""
        from invoicing import series  # noqa: F401, PLC0415
