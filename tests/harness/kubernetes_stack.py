# SPDX-License-Identifier: Apache-2.0
"""The system under test on the lab cluster: what `./sayur k8s apply development` starts."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

import httpx
import pytest

from .kubernetes import Namespace, Workload
from .mailpit import Mailpit
from .packages import REPOSITORY
from .processes import Session, free_port
from .stack import ADMIN_PASSWORD, Stack, mails_to

OVERLAYS = REPOSITORY / "tests" / "kubernetes" / "overlays"
DATA_SERVERS = ("postgres", "redis", "rabbitmq")
SERVICES = ("user-service", "notification-service")


class KubernetesStack(Stack):
    """Clients call the gateway as the proxy in front of it does, so that each has an address of its own; what a test sends to a port
    reaches the service itself. What a test may do only with a process of its own skips it and says why."""

    mode = "kubernetes"
    overlay = "development"
    namespace_name = "micro-sayur-development"
    entrance = "http://127.0.0.1:10081"  # as in the overlay, since links in mails begin with it

    def __init__(self) -> None:
        self._session = Session()
        self.namespace = Namespace(self.namespace_name)
        self.namespace.delete()
        self._expect_to_be_alone()
        self.namespace.make()
        self._place_admin_password()
        self.seconds_to_ready = self.namespace.apply(OVERLAYS / self.overlay, "--make-secrets")
        self.user_url, self.notification_url = f"{self.entrance}/users", f"{self.entrance}/notifications"
        self.user_port, self.notification_port = (self._lead(free_port(), name) for name in SERVICES)
        self._open_entrance()
        prefixes = zip(SERVICES, ("/users", "/notifications"), strict=True)
        self.services = {name: Workload(self.namespace, "deployment", name, partial(self.serves, prefix)) for name, prefix in prefixes}
        self.servers = {name: Workload(self.namespace, "statefulset", name) for name in DATA_SERVERS}
        self.sink = Mailpit(f"http://{self.namespace.address('mailpit')}:8025")
        self.prepare_client()
        for service in self.services.values():
            service.wait_ready()

    def prepare_client(self) -> None:
        """Before the first request."""

    def client(self, **options) -> httpx.Client:
        """Comes in as a customer does."""
        return httpx.Client(base_url=self.entrance, trust_env=False, timeout=20, **options)

    def serves(self, prefix: str) -> bool:
        """Whether the entrance leads through the gateway to the service."""
        try:
            with self.client() as client:
                return client.get(f"{prefix}/openapi.json").status_code == 200
        except httpx.TransportError:  # it has no certificate yet
            return False

    @property
    def session(self):
        pytest.skip("pods write no files on this machine")

    @property
    def keys_directory(self):
        pytest.skip("the keys are in the cluster")

    def instance(self, **_env: str):
        pytest.skip("a pod's environment is fixed: no second instance with another one")

    def headers_from(self, address: str) -> dict[str, str]:
        # The gateway believes the proxy in front of it, and the services believe what has a pod's or the node's address.
        return {"X-Forwarded-For": address}

    def mails(self, address: str) -> list[dict[str, str]]:
        return mails_to(self.sink.mails, address)

    def run_sql(self, statement: str) -> str:
        """As the database's superuser; returns psql's unaligned output."""
        psql = ("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-U", "micro_sayur", "-d", "micro_sayur", "-c", statement)
        return self.servers["postgres"].execute(*psql).strip()

    def run_user_sql(self, statement: str) -> None:
        self.run_sql(f"set search_path to user_service; {statement}")

    def repair(self) -> None:
        for workload in [*self.servers.values(), *self.services.values()]:
            workload.ensure_running()

    def log_faults(self) -> list[str]:
        return []  # its services are the same programs; containers write no files on this machine

    def close(self) -> None:
        self.sink.close()
        self.namespace.delete()
        self._session.close()

    def _expect_to_be_alone(self) -> None:
        """There is one entrance, and it takes whichever certificate names the host."""
        others = {gateway["metadata"]["namespace"] for gateway in self.namespace.get("gateway", all_namespaces="true")["items"]}
        assert not others, f"the lab's entrance leads to another installation as well: delete the namespaces {sorted(others)}"

    def _place_admin_password(self) -> None:
        options = ("--from-literal=username=admin", "--from-file=password=/dev/stdin")
        self.namespace.kubectl("create", "secret", "generic", "admin", "--type=kubernetes.io/basic-auth", *options, stdin=ADMIN_PASSWORD)

    def _open_entrance(self) -> None:
        self._lead(urlsplit(self.entrance).port, "gateway")

    def _lead(self, port: int, service: str) -> int:
        """Has a port of this machine lead to a Service."""
        at = self.namespace.address(service)
        # nodelay: a head and a body sent apart would wait for each other's acknowledgement, 40 ms, and times are compared.
        command = ["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,backlog=128,nodelay", f"TCP:{at}:80,nodelay"]
        self._session.spawn(command, log=self._session.directory / f"{service}.socat", env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        return port
