# SPDX-License-Identifier: Apache-2.0
"""What the three servers have in common: start, stop, kill, pause, and waiting until they answer."""

from __future__ import annotations

import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

from .processes import Session, free_port, kill_tree, signal_tree


class ServerError(RuntimeError):
    """A server did not start or stop; the message ends with the last lines of its log."""


class Server:
    """A server process on a loopback address, 127.0.0.1 and a free port unless one is given. Its data survive `kill` and `stop`, and go
    with the session."""

    name = ""
    host: str
    start_seconds = 60
    stop_signal = signal.SIGTERM

    def __init__(self, session: Session, address: tuple[str, int] | None = None) -> None:
        self.session = session
        self.host, self.port = address or ("127.0.0.1", free_port())
        self.password = secrets.token_urlsafe(18)
        self.directory = session.directory / f"{self.name}-{self.host}-{self.port}"
        self.directory.mkdir(mode=0o700)
        self.log = self.directory / "log"
        self.process: subprocess.Popen | None = None

    def environment(self) -> dict[str, str]:
        """The TEST_* variables that tell a test how to connect."""
        raise NotImplementedError

    def spawn(self) -> subprocess.Popen:
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether a client would be served now."""
        raise NotImplementedError

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Returns when the server answers. Does nothing when it runs already."""
        if self.running:
            return
        self.process = self.spawn()
        deadline = time.monotonic() + self.start_seconds
        while not self.answers():
            if self.process.poll() is not None:
                raise ServerError(f"{self.name} ended with code {self.process.returncode}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise ServerError(f"{self.name} did not answer within {self.start_seconds} s:\n{self.log_tail()}")
            time.sleep(0.02)

    def stop(self, seconds: float = 30) -> None:
        """An orderly end."""
        if not self.running:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired as late:
            raise ServerError(f"{self.name} did not stop within {seconds} s:\n{self.log_tail()}") from late

    def kill(self) -> None:
        """SIGKILL to every process of the server at once."""
        if self.running:
            kill_tree(self.process.pid)
            self.process.wait()

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freezes the server: its sockets stay open and nothing answers."""
        signal_tree(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        signal_tree(self.process.pid, signal.SIGCONT)

    def log_tail(self, lines: int = 30) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def exchange(self, request: bytes, seconds: float = 1.0) -> bytes:
        """Sends bytes over a fresh connection and returns the first answer; empty when there is none."""
        try:
            with socket.create_connection((self.host, self.port), timeout=seconds) as connection:
                connection.sendall(request)
                return connection.recv(4096)
        except OSError:
            return b""


def base_environment(home: Path) -> dict[str, str]:
    """What every server process gets: nothing of the caller's environment but a path and a locale."""
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8"}
