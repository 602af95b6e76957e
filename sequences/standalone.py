"""The Django ORM over any existing database, at a URL, without a project."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

import django
from attrs import field, frozen
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from sequences.errors import InvalidDatabase
from services.wording import did_you_mean

_SCHEMES: Final = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mariadb": "mysql",
    "mysql": "mysql",
}

_OPTIONS: Final[Mapping[str, Mapping[str, Callable[[str], Any]]]] = {
    "sqlite": {"timeout": float},
    "postgresql": {
        "application_name": str,
        "connect_timeout": int,
        "options": str,
        "sslcert": str,
        "sslkey": str,
        "sslmode": str,
        "sslrootcert": str,
    },
    "mysql": {
        "charset": str,
        "connect_timeout": int,
        "ssl_ca": str,
        "unix_socket": str,
    },
}
"""The options that the query of a URL may hold, for each vendor."""

_CREDENTIALS: Final = re.compile(r"(\w://)\S*@")
_PASSWORD_OPTION: Final = re.compile(r"(?i)(passw(?:or)?d=)[^\s&]+")


@frozen(kw_only=True)
class DatabaseURL:
    """
    Where a database is, taken apart.

    :ivar vendor: ``sqlite``, ``postgresql`` or ``mysql``, which is MariaDB as well.
    :ivar name: the name of the database, or the path of the file.
    :ivar host: the server.
    :ivar port: its port.
    :ivar user: who asks.
    :ivar password: never shown.
    :ivar options: what else the driver is told.
    """

    vendor: str
    name: str
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    options: dict[str, Any] = field(factory=dict)

    @classmethod
    def parse(cls, url: str) -> DatabaseURL:
        """
        Take a URL apart: ``postgresql://user:password@host:port/name?option=value``.

        A file of SQLite is ``sqlite:///relative/path`` or ``sqlite:////absolute/path``.

        :raises InvalidDatabase: if it is none, or says what is not known here.
        """
        if any(character.isspace() or ord(character) < ord(" ") for character in url):
            raise InvalidDatabase("its URL holds spaces. Write them as %20.")
        try:
            parts = urlsplit(url)
            port = "" if parts.port is None else str(parts.port)
        except ValueError:
            reason = "its URL has no valid host and port. Quote special characters."
            raise InvalidDatabase(reason) from None  # the cause shows the password
        vendor = _SCHEMES.get(parts.scheme)
        if vendor is None:
            raise InvalidDatabase(_unknown_scheme(parts))
        name = unquote(parts.path.removeprefix("/"))
        if not name or "\0" in name:
            raise InvalidDatabase("its URL names no database: scheme://host/name.")
        if parts.fragment:
            raise InvalidDatabase("its URL holds a '#'. Write it as %23.")
        if vendor == "sqlite" and parts.netloc:
            reason = "a file has no host. Write sqlite:///path or sqlite:////path."
            raise InvalidDatabase(reason)
        return cls(
            vendor=vendor,
            name=name,
            host=unquote(parts.hostname or ""),
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            options=_options(vendor, parts.query),
        )

    @property
    def shown(self) -> str:
        """How it is called in reports: without user, password and options."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = f"{host}:{self.port}" if self.port else host
        return f"{self.vendor}://{place}/{self.name}"

    def settings(self, *, writes: bool) -> dict[str, Any]:
        """
        Give what Django's DATABASES says of it.

        :param writes: without it, the database itself refuses every change.
        :raises InvalidDatabase: if there is no such file, or no driver.
        """
        if self.vendor == "sqlite":
            return self._file(writes=writes)
        _require_driver(self.vendor)
        options = dict(self.options)
        if self.vendor == "postgresql":
            if not writes:
                read_only = "-c default_transaction_read_only=on"
                options["options"] = f"{options.get('options', '')} {read_only}".strip()
        else:
            if not writes:
                options["init_command"] = "SET SESSION TRANSACTION READ ONLY"
            if "ssl_ca" in options:
                options["ssl"] = {"ca": options.pop("ssl_ca")}
        return {
            "ENGINE": f"django.db.backends.{self.vendor}",
            "NAME": self.name,
            "HOST": self.host,
            "PORT": self.port,
            "USER": self.user,
            "PASSWORD": self.password,
            "OPTIONS": options,
        }

    def _file(self, *, writes: bool) -> dict[str, Any]:
        path = Path(self.name)
        if not path.is_file():
            raise InvalidDatabase(f"there is no file {self.name!r}.")
        mode = "rw" if writes else "ro"
        options = {**self.options, "transaction_mode": "IMMEDIATE"}
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"file:{quote(str(path.absolute()))}?mode={mode}",
            "OPTIONS": options,
        }


def set_up(url: str, *, writes: bool = False) -> None:
    """
    Set Django up over one database, as ``default``. Once a process; opens nothing yet.

    :param writes: without it, the database itself refuses every change.
    :raises InvalidDatabase: if the URL cannot be used.
    """
    database = DatabaseURL.parse(url).settings(writes=writes)
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["sequences.apps.SequencesConfig"],
        LANGUAGE_CODE="en",  # nothing tells another one
        USE_TZ=True,
    )
    django.setup()


def connect(url: str) -> None:
    """
    Open the database that Django was set up over.

    :raises InvalidDatabase: if the driver refuses in a way of its own.
    :raises DatabaseError: if the database refuses.
    """
    try:
        connection.ensure_connection()
    except (DatabaseError, ImproperlyConfigured):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a driver does not translate
        # The text of this one shows what could not be encoded, such as a password.
        is_telling = not isinstance(error, UnicodeError)
        told = str(error) if is_telling else "they cannot be encoded"
        password = DatabaseURL.parse(url).password
        told = told.replace(password, "***") if password else told
        reason = (
            f"its driver refuses the user, password or options of its URL: "
            f"{' '.join(told.split())}."
        )
        raise InvalidDatabase(reason) from None


def without_secrets(text: str) -> str:
    """Give a text without the user and password of any URL in it."""
    return _PASSWORD_OPTION.sub(r"\1***", _CREDENTIALS.sub(r"\1***@", text))


def _options(vendor: str, query: str) -> dict[str, Any]:
    known, found = _OPTIONS[vendor], {}
    for name, value in _pairs(query):
        if name not in known:
            near = did_you_mean(name, known) or f" Known are {', '.join(known)}."
            # What holds more than a name may be the end of a password with a '?'.
            called = f" {name[:50]!r}" if name.isidentifier() else ""
            reason = f"its URL has an unknown option{called}.{near}"
            raise InvalidDatabase(reason)
        try:
            found[name] = known[name](value)
        except ValueError:
            reason = f"option {name!r} in its URL is not a number."
            raise InvalidDatabase(reason) from None
    return found


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise InvalidDatabase("its URL has more than 20 options.") from None


def _unknown_scheme(parts: SplitResult) -> str:
    if not parts.scheme or not parts.netloc + parts.path:
        return "its URL begins with no scheme: sqlite, postgresql, mariadb or mysql."
    near = did_you_mean(parts.scheme, _SCHEMES)
    return (
        f"scheme {parts.scheme[:50]!r} of its URL is not known.{near} Write sqlite, "
        f"postgresql, mariadb or mysql."
    )


def _require_driver(vendor: str) -> None:
    if vendor == "postgresql":
        if find_spec("psycopg") is None and find_spec("psycopg2") is None:
            raise InvalidDatabase("there is no driver. Run 'pip install psycopg'.")
        return
    if find_spec("MySQLdb") is not None:
        return
    if find_spec("pymysql") is None:
        raise InvalidDatabase("there is no driver. Run 'pip install mysqlclient'.")
    import pymysql  # noqa: PLC0415 - where it is installed

    pymysql.install_as_MySQLdb()
