"""The Django project in which workers number documents until they are killed.

What stands between them and the server, `FAULT_DATABASES` says: a JSON object of what
differs in the settings of `default`, by which documents are numbered, and of
`operator`, by which sessions are watched and ended if it is not by `default`.
"""

import json
import os

from tests.settings import DATABASES as SERVER
from tests.settings import SECRET_KEY, USE_TZ

__all__ = ["DATABASES", "INSTALLED_APPS", "SECRET_KEY", "USE_TZ"]

_between = {"default": {}} | json.loads(os.environ.get("FAULT_DATABASES", "{}"))

DATABASES = {
    alias: SERVER["default"] | differing for alias, differing in _between.items()
}

INSTALLED_APPS = ["sequences.apps.SequencesConfig", "tests.sequences.faults"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
