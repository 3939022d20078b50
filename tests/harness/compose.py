# SPDX-License-Identifier: Apache-2.0
"""A compose project of the tests' own: docker-compose.yml under another name, with other ports, secrets and addresses."""

from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

from .container import Container
from .packages import REPOSITORY
from .processes import free_port

PORTS = (
    "USER_SERVICE",
    "NOTIFICATION_SERVICE",
    "POSTGRES",
    "REDIS",
    "RABBITMQ",
    "RABBITMQ_MANAGEMENT",
    "MAILPIT",
    "MAILPIT_SMTP",
    "GATEWAY",
    "GATEWAY_TLS",
    "PROMETHEUS",
    "ALERTMANAGER",
    "GRAFANA",
    "JAEGER",
)
PARTS = ("backup", "replicas", "pooler", "observability", "tracing")
DATA_SERVERS = ("postgres", "redis", "rabbitmq")
SERVICES = ("user-service", "notification-service")


def options_of(files: tuple[str, ...]) -> list[str]:
    """Of `./sayur compose`."""
    parts = [f"--{part}" for part in PARTS if f"compose.{part}.yml" in files]
    return ["--production", *parts] if "compose.prod.yml" in files else parts


def files_of(files: tuple[str, ...]) -> str:
    return ":".join(str(REPOSITORY / file) for file in files)


class Project:
    """`up` and `down` as a user has them; `folder` holds the secrets. `files` replaces docker-compose.yml, `variables` adds to
    what its placeholders mean."""

    def __init__(self, folder: Path, files: tuple[str, ...] = ("docker-compose.yml",), **variables: str) -> None:
        self.name = f"sayur-test-{os.getpid()}-{random.randrange(1 << 16):04x}"
        self.secrets = folder / "secrets"
        self.repository = REPOSITORY
        self.options = options_of(files)
        self.ports = {name: free_port() for name in PORTS}
        self.environment = {
            "COMPOSE_PROJECT_NAME": self.name,
            "COMPOSE_FILE": files_of(files),
            "SECRETS_FOLDER": str(self.secrets),
            "APP_SUBNET": f"10.{random.randint(210, 250)}.{random.randint(0, 255)}.0/24",
            "PUBLIC_BASE_URL": f"{self.url('GATEWAY')}/users",
            **{f"{name}_PORT": str(port) for name, port in self.ports.items()},
            **variables,
        }

    def use(self, files: tuple[str, ...]) -> None:
        """From the next `up` on."""
        self.options, self.environment["COMPOSE_FILE"] = options_of(files), files_of(files)

    def url(self, port: str) -> str:
        return f"http://127.0.0.1:{self.ports[port]}"

    def container(self, name: str) -> Container:
        return Container(self, name)

    def up(self) -> float:
        """`./sayur compose up`; returns the seconds that it took."""
        began = time.monotonic()
        self._checked([str(self.repository / "sayur"), "compose", *self.options, "up"], 240)
        return time.monotonic() - began

    def try_up(self, *arguments: str) -> subprocess.CompletedProcess:
        return self._run([str(self.repository / "sayur"), "compose", *self.options, "up", *arguments], 240)

    def run_sayur(self, *arguments: str) -> subprocess.CompletedProcess:
        return self._run([str(self.repository / "sayur"), *arguments], 600)

    def make_secrets(self) -> None:
        self._checked([str(REPOSITORY / "sayur"), "compose", *self.options, "secrets"], 60)

    def down(self, volumes: bool = False) -> None:
        self.compose("down", "--remove-orphans", *(["--volumes"] if volumes else []))

    def compose(self, *arguments: str, seconds: float = 180) -> str:
        """`docker compose` on the project; returns its standard output."""
        return self._checked(["docker", "compose", *arguments], seconds)

    def try_compose(self, *arguments: str, seconds: float = 180) -> subprocess.CompletedProcess:
        return self._run(["docker", "compose", *arguments], seconds)

    def close(self) -> None:
        """Removes everything; nobody waits for an orderly end."""
        self.try_compose("kill")
        self.down(volumes=True)

    def _checked(self, command: list[str], seconds: float) -> str:
        run = self._run(command, seconds)
        if run.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: code {run.returncode}\n{run.stdout}{run.stderr}")
        return run.stdout

    def _run(self, command: list[str], seconds: float) -> subprocess.CompletedProcess:
        env = os.environ | self.environment
        return subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=seconds, check=False)
