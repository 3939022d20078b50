# SPDX-License-Identifier: Apache-2.0
"""The system under test: micro-sayur alone (embedded), or both services on real servers with a mail sink (distributed)."""

from __future__ import annotations

import contextlib
import copy
import sqlite3
import time
from collections.abc import Iterator

import httpx

from .log_lines import faults
from .mail_sink import Mail, MailSink
from .packages import REPOSITORY
from .postgres import Postgres
from .processes import Session, free_port
from .rabbitmq import RabbitMQ
from .redis import Redis
from .server import Server
from .servers import make_all, start_all
from .service import Service

ADMIN_EMAIL = "admin@example.com"
ADMIN_PASSWORD = "correct horse battery staple of the admin"
MAIL_FROM = "noreply@example.com"
POOL_SIZE = 10
TRUSTED_PROXY = "127.200.0.1"  # who calls from here is believed about X-Forwarded-For


class Stack:
    """`user_url` and `notification_url` serve; `services` and `servers` may be disturbed by name; `mails(address)` is what arrived."""

    mode = ""

    def __init__(self, preset: str) -> None:
        self.session = Session()
        self.binaries = REPOSITORY / "build" / preset / "bin"
        self.user_port, self.notification_port = free_port(), free_port()
        self.user_url = f"http://127.0.0.1:{self.user_port}"
        self.notification_url = f"http://127.0.0.1:{self.notification_port}"
        self.keys_directory = self.session.directory / "keys"
        self.services: dict[str, Service] = {}
        self.servers: dict[str, object] = {}

    @property
    def user_service(self) -> Service:
        """The process that serves `user_url`."""
        return next(iter(self.services.values()))

    @property
    def notification_service(self) -> Service:
        """The process that serves `notification_url`."""
        return list(self.services.values())[-1]

    @property
    def service_urls(self) -> dict[str, str]:
        """Of the services themselves, whatever stands in front of them; as Api takes them."""
        at = "http://127.0.0.1"
        return {"user_url": f"{at}:{self.user_port}", "notification_url": f"{at}:{self.notification_port}"}

    @contextlib.contextmanager
    def instance(self, **env: str) -> Iterator[Stack]:
        """Another user-service with these variables changed; distributed: on the same servers, embedded: all by itself."""
        raise NotImplementedError

    def headers_from(self, address: str) -> dict[str, str]:
        """What a caller sends to be taken for one at `address`, beside calling from there."""
        return {}

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
            "JWT_KEYS_DIR": str(self.keys_directory),
            "TRUSTED_PROXIES": TRUSTED_PROXY,
            "DRAIN_SECONDS": "0",
        }

    def mails(self, address: str) -> list[dict[str, str]]:
        """Those to recipients whose address has this text in it, newest first; each with subject, text, html and raw."""
        raise NotImplementedError

    def run_user_sql(self, statement: str) -> None:
        """Changes the store of user-service, to let time pass that no test can wait for."""
        raise NotImplementedError

    def wait_for_mails(self, address: str, count: int = 1, seconds: float = 30) -> list[dict[str, str]]:
        deadline = time.monotonic() + seconds
        while len(found := self.mails(address)) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(found)} of {count} mails for {address} arrived within {seconds} s")
            time.sleep(0.02)
        return found

    def log_faults(self) -> list[str]:
        """Lines of its services that are not as their schema says."""
        return faults(self.session.directory)

    def close(self) -> None:
        self.session.close()


class EmbeddedStack(Stack):
    mode = "embedded"

    def __init__(self, preset: str, changed: dict[str, str] | None = None) -> None:
        super().__init__(preset)
        self.preset = preset
        env = self.common_environment() | {
            "MICRO_SAYUR_DATA": str(self.session.directory / "data"),
            "HTTP_PORT": str(self.user_port),
            "NOTIFICATION_HTTP_PORT": str(self.notification_port),
        }
        ports = [self.user_port, self.notification_port]
        service = Service(self.session, self.binaries / "micro-sayur", env | (changed or {}), ports)
        self.services["micro-sayur"] = service
        try:
            service.start()
        except BaseException:
            self.close()
            raise

    def mails(self, address: str) -> list[dict[str, str]]:
        messages = self._get("/mailbox/messages")
        return [self._get(f"/mailbox/messages/{message['id']}") for message in messages if address in str(message["to"])]

    def _get(self, path: str):
        return httpx.get(f"{self.notification_url}{path}", timeout=10, trust_env=False).json()

    def run_user_sql(self, statement: str) -> None:
        (path,) = (self.session.directory / "data").glob("user-service.sqlite")
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection, connection:
            connection.execute(statement)

    @contextlib.contextmanager
    def instance(self, **env: str) -> Iterator[Stack]:
        made = EmbeddedStack(self.preset, env)
        try:
            yield made
            assert (wrong := made.log_faults()) == [], wrong
        finally:
            made.close()


class DistributedStack(Stack):
    mode = "distributed"

    def __init__(self, preset: str, changed: dict[str, str] | None = None) -> None:
        super().__init__(preset)
        self.changed = changed or {}
        self.sink = MailSink()
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        self.servers = self._make_servers()
        start_all(self.servers)
        self._servers_started()
        self.sink.start()
        env = self.common_environment() | self._server_environment()
        user = env | self._login("user_service") | {"HTTP_PORT": str(self.user_port)} | self.changed
        jwks = f"{self.user_url}/.well-known/jwks.json"
        notification = (
            env | self._login("notification_service") | {"HTTP_PORT": str(self.notification_port), "JWKS_URL": jwks} | self.changed
        )
        for name, own, port in (("user-service", user, self.user_port), ("notification-service", notification, self.notification_port)):
            service = Service(self.session, self.binaries / name, own, [port])
            service.run("migrate", **self._migration_environment())
            service.start()
            self.services[name] = service

    def _servers_started(self) -> None:
        """Before any schema is migrated."""

    def _migration_environment(self) -> dict[str, str]:
        """What differs from a service's own variables when its schema is migrated."""
        return {}

    def _make_servers(self) -> dict[str, Server]:
        return make_all(self.session, ["postgres", "redis", "rabbitmq"])

    def _login(self, user: str) -> dict[str, str]:
        """A service's own users of Redis and RabbitMQ, as the deployments make them."""
        env = {}
        for server in ("redis", "rabbitmq"):
            password = self.servers[server].service_passwords[f"{user}_{server}_password"]
            env[f"{server.upper()}_USER"] = user
            env[f"{server.upper()}_PASSWORD_FILE"] = self.secret_file(f"{user}-{server}-password", password)
        return env

    def mails(self, address: str) -> list[dict[str, str]]:
        return mails_to(self.sink.mails, address)

    def run_user_sql(self, statement: str) -> None:
        self.servers["postgres"].run_sql(f"set search_path to user_service; {statement}")

    @contextlib.contextmanager
    def instance(self, **env: str) -> Iterator[Stack]:
        made = copy.copy(self)
        made.user_port = free_port()
        made.user_url = f"http://127.0.0.1:{made.user_port}"
        changed = self.user_service.env | {"HTTP_PORT": str(made.user_port), "PUBLIC_BASE_URL": made.user_url} | env
        service = Service(self.session, self.user_service.program, changed, [made.user_port])
        made.services = {"user-service": service, "notification-service": self.notification_service}
        service.start()
        try:
            yield made
        finally:
            if service.running:
                service.stop()

    def repair(self) -> None:
        """Everything that a test took down runs again."""
        for server in self.servers.values():
            server.start()
        self.sink.reject = None
        self.sink.stall.clear()
        self.sink.delay = 0.0
        self.sink.start()
        for service in self.services.values():
            service.ensure_running()
            service.wait_connected(POOL_SIZE)

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
            "DB_POOL_SIZE": str(POOL_SIZE),
            "DB_USER": postgres.user,
            "DB_PASSWORD_FILE": self.secret_file("db-password", postgres.password),
            "REDIS_HOST": redis.host,
            "REDIS_PORT": str(redis.port),
            "RABBITMQ_HOST": rabbitmq.host,
            "RABBITMQ_PORT": str(rabbitmq.port),
            "RABBITMQ_VHOST": rabbitmq.vhost,
            "SMTP_HOST": self.sink.host,
            "SMTP_PORT": str(self.sink.port),
            "SMTP_TLS": "none",
        }


def mails_to(mails: list[Mail], address: str) -> list[dict[str, str]]:
    """What Stack.mails gives, out of all mails, oldest first."""
    return [
        {
            "subject": mail.message["Subject"],
            "text": mail.part("plain"),
            "html": mail.part("html"),
            "raw": mail.raw.decode("utf-8", "replace"),
        }
        for mail in reversed(mails)
        if any(address in recipient for recipient in mail.recipients)
    ]
