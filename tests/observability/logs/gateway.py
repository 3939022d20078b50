# SPDX-License-Identifier: Apache-2.0
"""The gateway without a container: Envoy with the configuration of deployments/gateway, its listener for HTTP alone."""

from __future__ import annotations

import httpx
import yaml

from harness.client import wait_until
from harness.packages import REPOSITORY
from harness.processes import free_port
from harness.server import base_environment

FOLDER = REPOSITORY / "deployments" / "gateway"


class Gateway:
    """In front of the services of a stack; its log lies beside theirs."""

    def __init__(self, stack, program: str) -> None:
        self.port, self.admin_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = stack.session.directory / f"gateway-{self.port}.log"
        text = (FOLDER / "envoy.yaml").read_text().replace("/etc/envoy/routes.yaml", str(FOLDER / "routes.yaml"))
        made = yaml.safe_load(text)
        listeners = made["static_resources"]["listeners"]
        listeners[:] = [each for each in listeners if each["name"] == "plain"]
        ports = {"user-service": stack.user_port, "notification-service": stack.notification_port, "admin": self.admin_port}
        nobody = free_port()  # where the others would be
        for cluster in made["static_resources"]["clusters"]:
            for endpoints in cluster["load_assignment"]["endpoints"]:
                for each in endpoints["lb_endpoints"]:
                    self._move(each["endpoint"]["address"], ports.get(cluster["name"], nobody))
        self._move(listeners[0]["address"], self.port)
        self._move(made["admin"]["address"], self.admin_port)
        configuration = stack.session.directory / "envoy.yaml"
        configuration.write_text(yaml.safe_dump(made))
        started = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]["gateway"]["command"]
        arguments = [each.replace("/etc/envoy/envoy.yaml", str(configuration)) for each in started]
        self.process = stack.session.spawn([program, *arguments], log=self.log, env=base_environment(stack.session.directory))
        wait_until(self.passes, 60, "the gateway's answer")

    @staticmethod
    def _move(address: dict, port: int) -> None:
        address["socket_address"] |= {"address": "127.0.0.1", "port_value": port}

    def passes(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            paths = ("/users/.well-known/jwks.json", "/notifications/openapi.json")
            return all(httpx.get(self.url + path, trust_env=False, timeout=2).status_code == 200 for path in paths)
        except httpx.TransportError:
            return False
