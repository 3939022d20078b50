# SPDX-License-Identifier: Apache-2.0
"""A port that leads to whichever server has the role, as the names of RDS and the proxies of Patroni do."""

from __future__ import annotations

import contextlib
import socket
import threading

from .server import Server


class Forwarder:
    """New connections go to `target`; those that are open stay where they are. What the target refuses is closed."""

    host = "127.0.0.1"

    def __init__(self, target: Server) -> None:
        self.target = target
        self.listener = socket.create_server((self.host, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((self.target.host, self.target.port))
            except OSError:
                client.close()
                continue
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, sink: socket.socket) -> None:
        """Until either side ends, which ends both."""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        source.close()
