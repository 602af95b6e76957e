"""From DATABASE_URL to settings."""

from pathlib import Path

import pytest

from config import databases


def test_a_server_is_taken_apart():
    """Each part of the URL is decoded; what follows the question mark are options."""
    place = databases.from_url(
        "postgresql://ada:p%40ss@db.example:5433/shop?sslmode=require"
    )

    assert place == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "USER": "ada",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("postgres:///shop", "django.db.backends.postgresql"),
        ("mariadb://root@localhost/shop", "django.db.backends.mysql"),
        ("mysql://root@localhost/shop", "django.db.backends.mysql"),
    ],
)
def test_names_of_one_database(url: str, engine: str):
    """PostgreSQL and MariaDB may be called by either of their names."""
    assert databases.from_url(url)["ENGINE"] == engine


@pytest.mark.parametrize(
    ("url", "file"),
    [("sqlite:///shop.db", "shop.db"), ("sqlite:////var/shop.db", "/var/shop.db")],
)
def test_a_file_is_relative_or_absolute(url: str, file: str):
    """A fourth slash begins an absolute path; writers wait for each other."""
    place = databases.from_url(url)

    assert place["NAME"] == Path(file)
    assert place["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_another_database_is_refused():
    """The message tells which there are."""
    with pytest.raises(ValueError, match="begins with 'oracle'; it may be one of sql"):
        databases.from_url("oracle://scott@db/shop")
