"""
Settings of `manage.py demo` and `serve_demo`: a database that is thrown away.

It exists as long as the process does, and is always SQLite.
"""

import os
from tempfile import TemporaryDirectory

THROW_AWAY = TemporaryDirectory(prefix="invoicing-demo-")
os.environ["DATABASE_URL"] = f"sqlite:///{THROW_AWAY.name}/demo.sqlite3"

from config.settings import *  # noqa: E402, F403 - they read DATABASE_URL
