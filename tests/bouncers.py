"""A throw-away pgbouncer, in front of a throw-away PostgreSQL.

Its program is looked for where programs are; else it is installed, as root or in CI,
unless that would start the service that comes with it.
"""

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import psycopg

from tests import databases
from tests.servers import PostgreSQL, Server

PACKAGE = "pgbouncer"

MISSING = f"No pgbouncer for the tests. To have it: `apt-get install {PACKAGE}`."

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 100
server_idle_timeout = {idle_s}
server_login_retry = 1
server_round_robin = 1
query_wait_timeout = {patience_s}
"""


class BouncerUnavailableError(Exception):
    """There is no pgbouncer, and none could be installed."""

    def __init__(self) -> None:
        super().__init__(MISSING)


class PgBouncer(Server):
    """Clients share `size` server connections, each for the time of a transaction.

    Whoever begins another transaction is given the one that has been idle for longest.
    A server connection that nobody wants is closed after `idle_s` seconds, or never if
    0. Who is not given one within `patience_s` seconds is turned away.
    """

    # It holds nothing that is worth an end in good order.
    stop_signal = signal.SIGKILL
    orphan_signal = signal.SIGKILL

    def __init__(
        self, behind: PostgreSQL, *, size: int, idle_s: int = 0, patience_s: int = 60
    ) -> None:
        super().__init__(_programs())
        self.behind = behind
        self.configuration = CONFIGURATION.format(
            server=behind.port,
            port=self.port,
            size=size,
            idle_s=idle_s,
            patience_s=patience_s,
        )
        self.data.mkdir()  # the databases are there: those of the server behind it

    @property
    def url(self) -> str:
        return self.behind.url.replace(str(self.behind.port), str(self.port))

    def initialise(self) -> None:
        """Nothing: all of its data is its configuration."""

    def command(self) -> list[str]:
        file = self.data / "pgbouncer.ini"
        file.write_text(self.configuration, encoding="utf-8")
        return [self.program("pgbouncer"), str(file)]

    def connect(self, database: str = "") -> Any:
        place = f"host=127.0.0.1 port={self.port} user=postgres"
        return psycopg.connect(
            place,
            dbname=database or "postgres",
            autocommit=True,
            prepare_threshold=None,
        )


def _programs() -> str:
    places = [os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/bin"]
    search_path = os.pathsep.join(places)
    if not shutil.which("pgbouncer", path=search_path):
        # The package brings a service, which systemd would start.
        if not Path("/run/systemd/system").exists():
            databases.install(PACKAGE)
        if not shutil.which("pgbouncer", path=search_path):
            raise BouncerUnavailableError
    return search_path
