"""The Django project in which the tests run, on the database TEST_DATABASE names."""

import os
import sys
from pathlib import Path

from tests import databases

# The example is a project, not a package: its apps are found from its own folder, also
# by the processes that tests start.
sys.path.append(str(Path(__file__).parents[1] / "invoicing_example"))

TEST_DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
DATABASES = databases.configure(TEST_DATABASE)

if TEST_DATABASE in {"mariadb", "mysql"}:
    # No wheel of mysqlclient for Linux, so Django finds the pure driver in its place.
    import pymysql

    pymysql.install_as_MySQLdb()

SECRET_KEY = "only for tests"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "tests.urls"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "sequences.apps.SequencesConfig",
    "tests.documents",
    "invoicing",
]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

STATIC_URL = "static/"
# Tests log users in; they do not test how well a password is hidden.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
