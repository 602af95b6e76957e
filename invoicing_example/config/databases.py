"""From DATABASE_URL to Django's settings of one database."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

ENGINES = {
    "postgresql": "django.db.backends.postgresql",
    "postgres": "django.db.backends.postgresql",
    "mariadb": "django.db.backends.mysql",
    "mysql": "django.db.backends.mysql",
}


def from_url(url: str) -> dict[str, Any]:
    """
    Give the settings for `postgresql://user:password@host:port/name?option=value`.

    Likewise `mariadb://...`; and `sqlite:///file`, with a fourth slash in front of an
    absolute path. What stands behind the question mark becomes OPTIONS.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)[1:]))
    if parts.scheme not in ENGINES:
        known = ", ".join(["sqlite", *ENGINES])
        raise ValueError(
            f"DATABASE_URL begins with {parts.scheme!r}; it may be one of {known}."
        )
    engine = ENGINES[parts.scheme]
    if engine.endswith("mysql"):
        _fall_back_on_pymysql()
    return {
        "ENGINE": engine,
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def sqlite(file: Path) -> dict[str, Any]:
    """
    Give the settings under which several processes can write to one file.

    IMMEDIATE takes the one write lock when a transaction begins, so that a second one
    waits there; the default takes it at the first write, where waiting may be too late.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
            "timeout": 20,  # seconds
        },
    }


def _fall_back_on_pymysql() -> None:
    if find_spec("MySQLdb") is None:
        import pymysql  # noqa: PLC0415 - only where it is needed is it installed

        pymysql.install_as_MySQLdb()
