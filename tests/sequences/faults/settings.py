"""The Django project in which workers number documents until they are killed."""

from tests.settings import DATABASES, SECRET_KEY, USE_TZ

__all__ = ["DATABASES", "INSTALLED_APPS", "SECRET_KEY", "USE_TZ"]

INSTALLED_APPS = ["sequences.apps.SequencesConfig", "tests.sequences.faults"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
