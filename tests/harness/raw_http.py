# SPDX-License-Identifier: Apache-2.0
"""HTTP by hand: bytes that no client library would send."""

from __future__ import annotations

import contextlib
import json
import socket
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)


class RawConnection:
    """One connection to a port of 127.0.0.1. Reading ends after `seconds` without a byte."""

    def __init__(self, port: int, seconds: float = 20, address: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=seconds, source_address=(address, 0) if address else None)
        self._buffer = b""

    def send(self, text: bytes | str) -> None:
        self._socket.sendall(text.encode() if isinstance(text, str) else text)

    def try_send(self, text: bytes) -> bool:
        """False when the server has closed."""
        with contextlib.suppress(OSError):
            self._socket.sendall(text)
            return True
        return False

    def read_answer(self, method: str = "GET") -> Answer:
        while b"\r\n\r\n" not in self._buffer:
            self._receive()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        status = int(first.split()[1])
        length = 0 if method == "HEAD" or status in (100, 204, 304) else int(headers["content-length"])
        while len(self._buffer) < length:
            self._receive()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return Answer(status, headers, body)

    def closed_by_server(self) -> bool:
        """Waits for the server to close; False when it sends something or stays open."""
        try:
            return self._buffer == b"" and self._socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def fileno(self) -> int:
        """For a selector."""
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> RawConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _receive(self) -> None:
        chunk = self._socket.recv(65536)
        if not chunk:
            raise ConnectionError(f"the server closed after {self._buffer!r}")
        self._buffer += chunk


def exchange(port: int, text: bytes | str) -> Answer:
    """The first answer to these bytes."""
    with RawConnection(port) as connection:
        connection.send(text)
        return connection.read_answer()
