"""A proxy in front of PostgreSQL that loses the answer to one COMMIT."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self


class LosesCommit:
    """
    Passes everything on, until a client says COMMIT: that it passes on as well.

    The answer is awaited, so that the server is done, and thrown away; then the
    client's connection is cut. Later ones are left in peace.

    :ivar port: where it listens, on the loopback.
    :ivar lost: set once it has happened.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.lost = threading.Event()

    def __enter__(self) -> Self:
        _begin(self._serve)
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                _begin(self._pass_on, client)

    def _pass_on(self, client: socket.socket) -> None:
        address = ("127.0.0.1", self._server_port)
        with suppress(OSError), client, socket.create_connection(address) as server:
            cut = threading.Event()
            back = _begin(self._pass_back, server, client, cut)
            while data := client.recv(65_536):
                if b"COMMIT" in data and not self.lost.is_set():
                    cut.set()
                    self.lost.set()
                    server.sendall(data)
                    back.join()  # until the answer is here
                    return
                server.sendall(data)

    def _pass_back(
        self, server: socket.socket, client: socket.socket, cut: threading.Event
    ) -> None:
        with suppress(OSError):
            while data := server.recv(65_536):
                if cut.is_set():
                    return
                client.sendall(data)


def _begin(function: Callable[..., None], *args: object) -> threading.Thread:
    thread = threading.Thread(target=function, args=args, daemon=True)
    thread.start()
    return thread
