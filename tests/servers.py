"""Throw-away database servers, each in a directory and on a loopback port of its own.

A server ends with the process that started it: at its exit, or on Linux by the
kernel when it is killed. (To the kernel, the thread that called `start` is the
parent: start servers from a thread that lives as long as they are needed.)
"""

import atexit
import contextlib
import ctypes
import os
import pwd
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg
import pymysql

NAMES = ("seriatim", "seriatim_other")
"""The databases that every server has once it is started."""

PORTS = range(20_000, 32_000)
"""Where servers listen: below the ports that systems give to outgoing connections.

One of those may be taken while its server is down, even by a client that looks for the
server: told to connect to the port that it was given, it meets itself.
"""

PATIENCE_S = 60
"""How long a server may take to start or to stop."""


class Server(ABC):
    """One server: `start`, then `stop` or `kill`, then `start` on the same data.

    `search_path` is where its programs lie, in the form of PATH. The fast profile
    trades durability for speed; a `durable` server writes what it acknowledges to
    the disk, and so keeps it through `kill`. `remove` stops the server and deletes
    its data; it also happens at exit.
    """

    stop_signal: ClassVar[signal.Signals]
    orphan_signal: ClassVar[signal.Signals]

    def __init__(self, search_path: str, *, durable: bool = False) -> None:
        self.search_path = search_path
        self.durable = durable
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.directory = Path(tempfile.mkdtemp(prefix="seriatim-"))
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        # Both servers refuse to run as root.
        self.account = _unprivileged_account() if os.geteuid() == 0 else None
        if self.account:
            os.chown(self.directory, self.account.pw_uid, self.account.pw_gid)
        atexit.register(self._remove_in, os.getpid())

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the first of the databases is, as TEST_..._URL takes it."""

    @abstractmethod
    def initialise(self) -> None:
        """Make the data directory."""

    @abstractmethod
    def command(self) -> list[str]:
        """What runs in the foreground and serves the data directory."""

    @abstractmethod
    def connect(self, database: str = "") -> Any:
        """Open a driver's connection, in autocommit; without a name, to its own."""

    def start(self) -> Self:
        """Serve; return as soon as a connection can be opened."""
        fresh = not self.data.exists()
        if fresh:
            self.initialise()
        with self.log.open("ab") as log, warnings.catch_warnings():
            # Python 3.12 warns of a fork beside threads. Ours only calls the kernel.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests, not for their server
                preexec_fn=_die_with_parent(self.orphan_signal),  # noqa: PLW1509
                **self._as_account(),
            )
        with contextlib.closing(self._first_connection()) as connection:
            for name in NAMES if fresh else ():
                connection.cursor().execute(f"CREATE DATABASE {name}")
        return self

    def begin_as(self, other: "Server") -> None:
        """Take a copy of the data of another server, which is stopped."""
        self.run("cp", "-a", str(other.data), str(self.data))

    def stop(self) -> None:
        """Shut down in good order."""
        if self.process:
            self.process.send_signal(self.stop_signal)
            self.process.wait(PATIENCE_S)
            self.process = None

    def kill(self) -> None:
        """End every process of the server at once, as a power cut does. Linux only."""
        if self.process:
            pid = self.process.pid
            # Frozen, it cannot see its children die, and starts no new ones.
            os.kill(pid, signal.SIGSTOP)
            os.waitpid(pid, os.WUNTRACED)
            listing = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            children = [os.pidfd_open(int(child)) for child in listing.split()]
            for child in children:
                signal.pidfd_send_signal(child, signal.SIGKILL)
            self.process.kill()
            self.process.wait(PATIENCE_S)
            self.process = None
            # A restart is refused for as long as one of them is there.
            for child in children:
                select.select([child], [], [], PATIENCE_S)
                os.close(child)

    def ended_with(self) -> int | None:
        """Tell how it ended by itself; None while it runs, or if we have ended it."""
        return None if self.process is None else self.process.poll()

    def last_words(self) -> str:
        """Give the end of the server's log."""
        return self.log.read_text(errors="replace")[-8000:]

    def remove(self) -> None:
        """Stop, and delete the data."""
        self.stop()
        shutil.rmtree(self.directory)
        atexit.unregister(self._remove_in)

    def _remove_in(self, owner: int) -> None:
        if os.getpid() == owner:  # and not in a fork of it
            self.remove()

    def program(self, name: str) -> str:
        """Give the path of one of the server's programs."""
        found = shutil.which(name, path=self.search_path)
        if not found:
            raise FileNotFoundError(f"No program {name!r} in {self.search_path!r}.")
        return found

    def run(self, *command: str) -> None:
        """Run a program to its end, under the server's account."""
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self._as_account(),
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} exited {done.returncode}: {done.stdout}")

    def _as_account(self) -> dict[str, Any]:
        cwd = {"cwd": self.directory}  # the account may not enter ours
        if not self.account:
            return cwd
        uid, gid = self.account.pw_uid, self.account.pw_gid
        return cwd | {"user": uid, "group": gid, "extra_groups": []}

    def _first_connection(self) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self.connect()
            except (psycopg.OperationalError, pymysql.OperationalError) as error:
                ended = self.ended_with() is not None
                if ended or time.monotonic() > deadline:
                    told = f"{self.command()[0]}: {error}\n{self.last_words()}"
                    raise RuntimeError(told) from None
                time.sleep(0.02)


class PostgreSQL(Server):
    """A PostgreSQL cluster, without passwords; `settings` are those beyond ours."""

    stop_signal = signal.SIGINT
    orphan_signal = signal.SIGQUIT

    def __init__(self, search_path: str, *, durable: bool = False) -> None:
        super().__init__(search_path, durable=durable)
        self.settings: dict[str, str] = {}
        try:
            self.run(self.program("postgres"), "--version")
        except PermissionError:  # root's home directory lies before them
            assert self.account
            programs = Path(self.program("postgres")).resolve().parent
            installation, package = programs.parent, programs.parent.parent
            copy = self.directory / "programs"
            # A wheel's libraries lie beside its package, and are found from there.
            for part in (installation, *package.parent.glob(f"{package.name}.libs")):
                shutil.copytree(part, copy / part.relative_to(package.parent))
            owner = f"{self.account.pw_uid}:{self.account.pw_gid}"
            subprocess.run(["chown", "-R", owner, copy], check=True)
            self.search_path = str(copy / programs.relative_to(package.parent))

    @property
    def url(self) -> str:
        return self._url(NAMES[0])

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> None:
        options = "-U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync"
        self.run(self.program("initdb"), *options.split(), "-D", str(self.data))

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.directory,
            "max_prepared_transactions": 64,  # none, unless asked for
        }
        if not self.durable:
            settings |= dict.fromkeys(
                ("fsync", "synchronous_commit", "full_page_writes"), "off"
            )
        settings |= self.settings
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [self.program("postgres"), "-D", str(self.data), *options]

    def connect(self, database: str = "") -> psycopg.Connection:
        return psycopg.connect(self._url(database or "postgres"), autocommit=True)


class MariaDB(Server):
    """A MariaDB server, its root without a password."""

    stop_signal = signal.SIGTERM
    orphan_signal = signal.SIGKILL

    @property
    def url(self) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/{NAMES[0]}"

    def initialise(self) -> None:
        options = "--auth-root-authentication-method=normal --skip-test-db"
        install = [self.program("mariadb-install-db"), "--no-defaults"]
        # One that starts removes the temporary tables of all who share its directory.
        places = [f"--datadir={self.data}", f"--tmpdir={self.directory}"]
        self.run(*install, *options.split(), *places)

    def command(self) -> list[str]:
        flush = 1 if self.durable else 0
        return [
            self.program("mariadbd"),
            "--no-defaults",
            f"--datadir={self.data}",
            f"--tmpdir={self.directory}",
            f"--socket={self.directory / 'socket'}",
            f"--pid-file={self.directory / 'pid'}",
            "--bind-address=127.0.0.1",
            f"--port={self.port}",
            "--character-set-server=utf8mb4",  # before 11.6 it is latin1
            "--skip-name-resolve",  # else 127.0.0.1 is not the root it knows
            f"--innodb-flush-log-at-trx-commit={flush}",
        ]

    def connect(self, database: str = "") -> pymysql.Connection:
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            database=database or "mysql",
            autocommit=True,
        )


def _free_port() -> int:
    """Find a port where nobody listens, and that no outgoing connection is given."""
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError(f"No port is free in {PORTS}.")


def _unprivileged_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _die_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """Make what runs in the child, after it took the server's account."""
    if sys.platform != "linux":
        return lambda: None
    set_option, parent_death_signal = ctypes.CDLL(None).prctl, 1
    parent = os.getpid()

    def in_child() -> None:
        set_option(parent_death_signal, int(sign))
        if os.getppid() != parent:  # it died before the kernel was told
            os._exit(1)

    return in_child
