# SPDX-License-Identifier: Apache-2.0
"""Many connections at once: idle ones, and clients that ask and do not read."""

from __future__ import annotations

import contextlib
import re
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx

KIB = 1024
MIB = 1024 * KIB


def cpu_seconds(url: str) -> float:
    """That the process which serves there has used."""
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    return float(re.search(r"^process_cpu_seconds_total (\S+)", text, re.MULTILINE)[1])


def resident_bytes(pid: int) -> int:
    """What a process holds in memory, without what it shares with its binary."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * KIB
    raise RuntimeError(f"process {pid} has no RssAnon")


@contextlib.contextmanager
def many_files() -> Iterator[None]:
    """As many open files as this process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Crowd:
    """Connections to a port of 127.0.0.1, closed at the end."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sockets: list[socket.socket] = []

    def join(self, address: str = "127.0.0.1", receive_buffer: int = 0) -> socket.socket:
        """One more, from this address; with a receive buffer of that size, so that its kernel takes hardly anything off the server."""
        made = socket.socket()
        self.sockets.append(made)
        if receive_buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        made.settimeout(10)
        made.bind((address, 0))
        made.connect(("127.0.0.1", self.port))
        return made

    def ask(self, request: bytes, count: int, address: str = "127.0.0.1") -> None:
        """`count` slow readers: each sends the request and reads nothing."""
        for _ in range(count):
            self.join(address, receive_buffer=4 * KIB).sendall(request)

    def still_open(self) -> int:
        """How many the server has not closed. Only for those to whom nothing was sent."""
        alive = 0
        for each in self.sockets:
            each.setblocking(False)
            try:
                alive += each.recv(1, socket.MSG_PEEK) != b""
            except BlockingIOError:
                alive += 1
            except ConnectionResetError:
                pass
        return alive

    def close(self) -> None:
        for each in self.sockets:
            each.close()

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
