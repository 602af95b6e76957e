"""The least of a project, so that ours and the peer's are measured alike."""

from tests import databases

DATABASES = databases.configure("postgresql")
INSTALLED_APPS = ["sequences.apps.SequencesConfig", "tests.benchmarks.documents"]
SECRET_KEY = "only for benchmarks"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
