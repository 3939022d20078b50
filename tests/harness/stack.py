# SPDX-License-Identifier: Apache-2.0
"""The system under test: micro-sayur alone (embedded), or both services on real servers with a mail sink (distributed)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import httpx

from .mail_sink import MailSink
from .packages import REPOSITORY
from .postgres import Postgres
from .processes import Session, free_port, kill_tree
from .rabbitmq import RabbitMQ
from .redis import Redis
from .servers import start_all

ADMIN_EMAIL = "admin@example.com"
ADMIN_PASSWORD = "correct horse battery staple of the admin"
MAIL_FROM = "noreply@example.com"


class Service:
    """One binary: started, stopped in order, killed, started again."""

    def __init__(self, session: Session, program: Path, env: dict[str, str], ports: list[int]) -> None:
        self.session, self.program, self.env, self.ports = session, program, env, ports
        self.log = session.directory / f"{program.name}-{ports[0]}.log"
        self.process: subprocess.Popen | None = None

    def run(self, *arguments: str) -> str:
        """A subcommand, such as migrate; returns its output."""
        done = subprocess.run([self.program, *arguments], env=self._env(), capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"{self.program.name} {' '.join(arguments)}: code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, wait: bool = True) -> None:
        self.process = self.session.spawn([str(self.program)], log=self.log, env=self._env())
        if wait:
            self.wait_ready()

    def wait_ready(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not all(self.is_ready(port) for port in self.ports):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.program.name} is not ready (code {self.process.poll()}):\n{self.log_tail()}")
            time.sleep(0.02)

    @staticmethod
    def is_ready(port: int) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/ready", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, seconds: float = 60) -> int:
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self) -> None:
        kill_tree(self.process.pid)
        self.process.wait()

    def log_tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _env(self) -> dict[str, str]:
        # Sanitizers are steered by the caller's environment; nothing else of it reaches the service.
        kept = {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS") or key == "PATH"}
        return kept | self.env


class Stack:
    """`user_url` and `notification_url` serve; `services` and `servers` may be disturbed by name; `mails(address)` is what arrived."""

    mode = ""

    def __init__(self, preset: str) -> None:
        self.session = Session()
        self.binaries = REPOSITORY / "build" / preset / "bin"
        self.user_port, self.notification_port = free_port(), free_port()
        self.user_url = f"http://127.0.0.1:{self.user_port}"
        self.notification_url = f"http://127.0.0.1:{self.notification_port}"
        self.services: dict[str, Service] = {}
        self.servers: dict[str, object] = {}

    def secret_file(self, name: str, content: str) -> str:
        path = self.session.directory / name
        path.touch(mode=0o600)
        path.write_text(content)
        return str(path)

    def common_environment(self) -> dict[str, str]:
        return {
            "APP_ENV": "development",
            "PUBLIC_BASE_URL": self.user_url,
            "ADMIN_EMAIL": ADMIN_EMAIL,
            "ADMIN_PASSWORD_FILE": self.secret_file("admin-password", ADMIN_PASSWORD),
            "MAIL_FROM": MAIL_FROM,
            "DRAIN_SECONDS": "0",
        }

    def mails(self, address: str) -> list[dict[str, str]]:
        """Newest first; each with subject, text, html and raw."""
        raise NotImplementedError

    def wait_for_mails(self, address: str, count: int = 1, seconds: float = 30) -> list[dict[str, str]]:
        deadline = time.monotonic() + seconds
        while len(found := self.mails(address)) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(found)} of {count} mails for {address} arrived within {seconds} s")
            time.sleep(0.02)
        return found

    def close(self) -> None:
        self.session.close()


class EmbeddedStack(Stack):
    mode = "embedded"

    def __init__(self, preset: str) -> None:
        super().__init__(preset)
        env = self.common_environment() | {
            "MICRO_SAYUR_DATA": str(self.session.directory / "data"),
            "HTTP_PORT": str(self.user_port),
            "NOTIFICATION_HTTP_PORT": str(self.notification_port),
        }
        ports = [self.user_port, self.notification_port]
        self.services["micro-sayur"] = Service(self.session, self.binaries / "micro-sayur", env, ports)
        self.services["micro-sayur"].start()

    def mails(self, address: str) -> list[dict[str, str]]:
        messages = httpx.get(f"{self.notification_url}/mailbox/messages", timeout=10).json()
        return [message for message in messages if address in str(message["to"])]


class DistributedStack(Stack):
    mode = "distributed"

    def __init__(self, preset: str) -> None:
        super().__init__(preset)
        self.servers = start_all(self.session, ["postgres", "redis", "rabbitmq"])
        self.sink = MailSink()
        self.sink.start()
        env = self.common_environment() | self._server_environment()
        user = env | {"HTTP_PORT": str(self.user_port), "JWT_KEYS_DIR": str(self.session.directory / "keys")}
        jwks = f"{self.user_url}/.well-known/jwks.json"
        notification = env | {"HTTP_PORT": str(self.notification_port), "JWKS_URL": jwks}
        for name, own, port in (("user-service", user, self.user_port), ("notification-service", notification, self.notification_port)):
            service = Service(self.session, self.binaries / name, own, [port])
            service.run("migrate")
            service.start()
            self.services[name] = service

    def mails(self, address: str) -> list[dict[str, str]]:
        return [
            {
                "subject": mail.message["Subject"],
                "text": mail.part("plain"),
                "html": mail.part("html"),
                "raw": mail.raw.decode("utf-8", "replace"),
            }
            for mail in reversed(self.sink.to(address))
        ]

    def close(self) -> None:
        self.sink.stop()
        super().close()

    def _server_environment(self) -> dict[str, str]:
        postgres: Postgres = self.servers["postgres"]
        redis: Redis = self.servers["redis"]
        rabbitmq: RabbitMQ = self.servers["rabbitmq"]
        return {
            "DB_HOST": postgres.host,
            "DB_PORT": str(postgres.port),
            "DB_NAME": postgres.database,
            "DB_USER": postgres.user,
            "DB_PASSWORD_FILE": self.secret_file("db-password", postgres.password),
            "REDIS_HOST": redis.host,
            "REDIS_PORT": str(redis.port),
            "REDIS_PASSWORD_FILE": self.secret_file("redis-password", redis.password),
            "RABBITMQ_HOST": rabbitmq.host,
            "RABBITMQ_PORT": str(rabbitmq.port),
            "RABBITMQ_USER": rabbitmq.user,
            "RABBITMQ_PASSWORD_FILE": self.secret_file("rabbitmq-password", rabbitmq.password),
            "RABBITMQ_VHOST": rabbitmq.vhost,
            "SMTP_HOST": self.sink.host,
            "SMTP_PORT": str(self.sink.port),
            "SMTP_TLS": "none",
        }


def make_stack(mode: str, preset: str) -> Stack:
    """Starts everything; the caller closes it."""
    return {"embedded": EmbeddedStack, "distributed": DistributedStack}[mode](preset)
