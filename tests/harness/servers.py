#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command with real servers beside it, which end with it.

    servers.py run [postgres [pgbouncer]] [redis] [rabbitmq] -- COMMAND [ARGUMENT...]

The command finds them through TEST_POSTGRES_*, TEST_REDIS_* and TEST_RABBITMQ_*; all speak TLS too, PostgreSQL on the same
port, with a certificate for localhost that TEST_CA_FILE vouches for. pgbouncer stands in front of PostgreSQL, at
TEST_POSTGRES_POOLER_PORT. The command may disturb them:

    $TEST_SERVER_CONTROL kill|stop|start|restart|pause|resume postgres|pgbouncer|redis|rabbitmq

kill is SIGKILL to every process of the server; start returns when the server answers.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.pgbouncer import PgBouncer
from harness.postgres import Postgres
from harness.processes import Session
from harness.rabbitmq import RabbitMQ
from harness.redis import Redis
from harness.server import Server

KINDS: dict[str, type[Server]] = {"postgres": Postgres, "pgbouncer": PgBouncer, "redis": Redis, "rabbitmq": RabbitMQ}
ACTIONS = ("kill", "stop", "start", "restart", "pause", "resume")


def make_all(session: Session, names: Iterable[str]) -> dict[str, Server]:
    """The named servers, not started yet; PgBouncer comes after PostgreSQL."""
    made: dict[str, Server] = {}
    for name in names:
        made[name] = PgBouncer(session, made["postgres"]) if name == "pgbouncer" else KINDS[name](session)
    return made


def start_all(servers: dict[str, Server]) -> None:
    """Starts them side by side."""
    failures: list[BaseException] = []

    def start(server: Server) -> None:
        try:
            server.start()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=start, args=(server,)) for server in servers.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


class Control:
    """Answers `control` commands on a socket in the session's directory, one at a time."""

    def __init__(self, session: Session, servers: dict[str, Server]) -> None:
        self.servers = servers
        self.path = session.directory / "control"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(self.path))
        self.socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            with connection:
                connection.sendall(self._obey(connection.recv(100).decode().split()).encode())

    def _obey(self, words: list[str]) -> str:
        try:
            action, name = words
            getattr(self.servers[name], action)()
            return "done"
        except Exception as failure:
            return f"{' '.join(words)}: {failure!r}"


def run(names: list[str], command: list[str]) -> int:
    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    with Session() as session:
        servers = make_all(session, names)
        start_all(servers)
        control = Control(session, servers)
        env = {"TEST_SERVER_CONTROL": f"{sys.executable} {Path(__file__).resolve()} control {control.path}"}
        for server in servers.values():
            env |= server.environment()
        process = subprocess.Popen(command, env=os.environ | env)
        session.adopt(process)
        try:
            code = process.wait()
            return code if code >= 0 else 128 - code
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()


def control(path: str, action: str, name: str) -> int:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(f"{action} {name}".encode())
        answer = connection.recv(65536).decode()
    if answer == "done":
        return 0
    print(answer, file=sys.stderr)
    return 1


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run", *rest] if "--" in rest:
            split = rest.index("--")
            names, command = rest[:split], rest[split + 1 :]
            if command and all(name in KINDS for name in names):
                return run(names, command)
        case ["control", path, action, name] if action in ACTIONS and name in KINDS:
            return control(path, action, name)
    print(__doc__, file=sys.stderr)
    return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
