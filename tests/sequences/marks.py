"""Where a law can be put to the test; elsewhere the case cannot occur."""

import pytest
from django.conf import settings

DATABASE: str = settings.TEST_DATABASE

on_sqlite = pytest.mark.skipif(
    DATABASE != "sqlite", reason="About SQLite, which locks the whole database."
)
on_postgresql = pytest.mark.skipif(DATABASE != "postgresql", reason="About PostgreSQL.")
on_mariadb = pytest.mark.skipif(
    DATABASE not in {"mariadb", "mysql"}, reason="About MariaDB and MySQL."
)
with_sequences = pytest.mark.skipif(
    DATABASE in {"sqlite", "mysql"}, reason="SQLite and MySQL have no sequences."
)
with_row_locks = pytest.mark.skipif(
    DATABASE == "sqlite", reason="SQLite has one writer at a time, and no row locks."
)
with_isolation_levels = pytest.mark.skipif(
    DATABASE == "sqlite", reason="SQLite is always serializable."
)
autocommit = pytest.mark.django_db(transaction=True)
