# SPDX-License-Identifier: Apache-2.0
"""The system under test as containers: what `./sayur compose up` starts."""

from __future__ import annotations

import httpx
import pytest

from .compose import DATA_SERVERS, SERVICES, Project
from .mailpit import Mailpit
from .processes import Session
from .stack import ADMIN_EMAIL, ADMIN_PASSWORD, MAIL_FROM, Stack, mails_to


class ComposeStack(Stack):
    """Clients call through the gateway; what a test sends to a port reaches the service itself. Mails are read through mailpit.
    What a test may do only with a process of its own skips it and says why."""

    mode = "compose"

    def __init__(self, files: tuple[str, ...] = ("docker-compose.yml",), **variables: str) -> None:
        self._session = Session()
        # The gateway, and Docker's proxy in front of it, for which headers_from speaks.
        given = {"ADMIN_EMAIL": ADMIN_EMAIL, "MAIL_FROM": MAIL_FROM, "TRUSTED_PROXY_HOPS": "2"} | variables
        self.project = Project(self._session.directory, files, **given)
        self.user_port, self.notification_port = self.project.ports["USER_SERVICE"], self.project.ports["NOTIFICATION_SERVICE"]
        gateway = self.project.url("GATEWAY")
        self.user_url, self.notification_url = f"{gateway}/users", f"{gateway}/notifications"
        self.services = {name: self.project.container(name) for name in SERVICES}
        self.servers = {name: self.project.container(name) for name in DATA_SERVERS}
        self.sink = Mailpit(self.project.url("MAILPIT"))
        self._place_admin_password()
        try:
            self.seconds_to_healthy = self.project.up()
        except BaseException:
            self.close()
            raise

    @property
    def session(self):
        pytest.skip("containers write no files on this machine")

    @property
    def keys_directory(self):
        return self.project.secrets / "jwt_keys"

    def instance(self, **_env: str):
        pytest.skip("a container's environment is fixed: no second instance with another one")

    def headers_from(self, address: str) -> dict[str, str]:
        # Docker's proxy calls from one address of the network `app`, which the services trust as they trust the gateway.
        return {"X-Forwarded-For": address}

    def mails(self, address: str) -> list[dict[str, str]]:
        return mails_to(self.sink.mails, address)

    def run_sql(self, statement: str) -> str:
        """As the database's superuser; returns psql's unaligned output."""
        return self.servers["postgres"].execute("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-U", "micro_sayur", "-c", statement).strip()

    def run_user_sql(self, statement: str) -> None:
        self.run_sql(f"set search_path to user_service; {statement}")

    def publish(self, routing_key: str, payload: str) -> None:
        """To the exchange of events, as whoever may."""
        password = (self.project.secrets / "rabbitmq_password").read_text().strip()
        message = {"properties": {}, "routing_key": routing_key, "payload": payload, "payload_encoding": "string"}
        url = f"{self.project.url('RABBITMQ_MANAGEMENT')}/api/exchanges/%2F/micro-sayur/publish"
        answer = httpx.post(url, json=message, auth=("micro_sayur", password), timeout=10, trust_env=False)
        assert answer.json() == {"routed": True}, answer.text

    def repair(self) -> None:
        for container in [*self.servers.values(), *self.services.values()]:
            container.ensure_running()

    def log_faults(self) -> list[str]:
        return []  # its services are the same programs; containers write no files on this machine

    def close(self) -> None:
        self.sink.close()
        self.project.close()
        self._session.close()

    def _place_admin_password(self) -> None:
        self.project.secrets.mkdir(mode=0o700)
        secret = self.project.secrets / "admin_password"
        secret.write_text(ADMIN_PASSWORD)
        secret.chmod(0o644)
