"""Other processes on the database under test: how they are started and watched."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "invoicing_example"

PATIENCE_S = 60
"""How long something may take that is sure to happen."""

LOOK_AGAIN_S = 0.15
"""InnoDB looks at its locks anew only if nobody has asked for 0.1 s."""

WAITS = {
    "postgresql": "SELECT cardinality(pg_blocking_pids(%s)) > 0",
    "mysql": """
        SELECT COUNT(*) FROM information_schema.innodb_trx
         WHERE trx_mysql_thread_id = %s AND trx_state = 'LOCK WAIT'
    """,
}


def environment(**more: str) -> dict[str, str]:
    """
    Give an environment in which both our packages and the example are found.

    Unbuffered, so that a line that is waited for arrives while its process goes on.
    """
    path = os.pathsep.join([str(ROOT), str(EXAMPLE)])
    python = {"PYTHONPATH": path, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    return os.environ | python | more


def database_url() -> str:
    """Give the database under test as the example's DATABASE_URL."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    scheme = {"mysql": "mariadb"}.get(connection.vendor, connection.vendor)
    user = quote(place["USER"], safe="")
    if place["PASSWORD"]:
        user += f":{quote(place['PASSWORD'], safe='')}"
    return f"{scheme}://{user}@{place['HOST']}:{place['PORT']}/{place['NAME']}"


def manage(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the example on the database under test."""
    with start_managing(*arguments, **more) as process:
        out, err = process.communicate(timeout=PATIENCE_S)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def start_managing(*arguments: str, **more: str) -> subprocess.Popen[str]:
    """Start a command of the example on the database under test."""
    given = {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": ""} | more
    variables = environment(**given)
    if not variables["DJANGO_SETTINGS_MODULE"]:
        del variables["DJANGO_SETTINGS_MODULE"]  # the one of the tests
    return subprocess.Popen(
        [sys.executable, str(EXAMPLE / "manage.py"), *arguments],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def free_port() -> int:
    """Give a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Worker:
    """A process that issues a draft, perhaps with a pause; see `worker.py`."""

    def __init__(self, pk: int, *, pause: bool = False) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.invoicing_example.worker",
                str(pk),
                "pause" if pause else "go",
            ],
            cwd=ROOT,
            env=environment(
                DJANGO_SETTINGS_MODULE="tests.settings",
                TEST_DATABASE=settings.TEST_DATABASE,
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.session = self.hear().removeprefix("begins in session ")

    def hear(self) -> str:
        """Wait for the next thing it does."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        """End its pause."""
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def wait_until_it_waits(self) -> None:
        """Return when the database says that it waits for another; SQLite cannot."""
        if connection.vendor not in WAITS:
            return
        deadline = time.monotonic() + PATIENCE_S
        with connection.cursor() as cursor:
            while time.monotonic() < deadline:
                cursor.execute(WAITS[connection.vendor], [self.session])
                if cursor.fetchone()[0]:
                    return
                time.sleep(LOOK_AGAIN_S)
        raise TimeoutError(f"Session {self.session} never waited.")

    def kill(self) -> None:
        """End it at once, whatever it does."""
        self.process.kill()
        self.process.communicate()
