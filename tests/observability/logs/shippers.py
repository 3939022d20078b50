# SPDX-License-Identifier: Apache-2.0
"""The shippers, with the configurations of deployments/observability/logs as they are: only their paths and addresses are the test's."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import httpx

from harness.log_lines import LOGS
from harness.processes import Session, free_port
from harness.server import base_environment


class Shipper:
    """Reads the logs of `servers` and of everything in the folder of `services`; ships to a port of 127.0.0.1."""

    def __init__(self, session: Session, program: str, store_port: int, services: Path, servers: dict[str, Path]) -> None:
        self.session, self.program, self.store_port = session, program, store_port
        self.services, self.servers = services, servers
        self.directory = session.directory / f"{type(self).__name__}-{store_port}"
        self.directory.mkdir()
        self.start()

    def spawn(self, *arguments: str, **env: str) -> None:
        self.process = self.session.spawn(
            [self.program, *arguments], log=self.directory / "out", env=base_environment(self.directory) | {"TZ": "UTC"} | env
        )

    def said(self) -> str:
        return (self.directory / "out").read_text(errors="replace")

    def start(self) -> None:
        raise NotImplementedError

    def parse_failures(self) -> int:
        """Lines that it could not read, by its own count."""
        raise NotImplementedError

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


class Rsyslog(Shipper):
    def start(self) -> None:
        own = {
            '"/var/spool/micro-sayur-logs"': self.directory,
            '"/var/log/micro-sayur-logs.json"': self.directory / "counters",
            '"/etc/micro-sayur/logs/months.json"': LOGS / "rsyslog/months.json",
            '"/var/log/micro-sayur/*.log"': self.services / "*.log",
            '"/var/log/postgresql/*.log"': self.servers["postgres"],
            '"/var/log/rabbitmq/*.log"': self.servers["rabbitmq"],
            '"/var/log/redis/*.log"': self.servers["redis"],
            '"http://127.0.0.1:9200"': f"http://127.0.0.1:{self.store_port}",
        }
        text = (LOGS / "rsyslog/micro-sayur.conf").read_text()
        for place, mine in own.items():
            assert text.count(place) == 1, place
            text = text.replace(place, f'"{mine}"')
        configuration = self.directory / "micro-sayur.conf"
        configuration.write_text(text)
        self.spawn("-n", "-iNONE", "-f", str(configuration))

    def parse_failures(self) -> int:
        path = self.directory / "counters"
        lines = path.read_text().splitlines() if path.exists() else []
        counted = [json.loads(line.partition(": {")[1][2:] + line.partition(": {")[2]) for line in lines if '"name": "lines"' in line]
        return counted[-1]["values"].get("parse_failure", 0) if counted else 0


class FluentBit(Shipper):
    def start(self) -> None:
        self.port = free_port()
        files = ",".join(map(str, [self.services / "*.log", *self.servers.values()]))
        password = self.directory / "password"
        password.write_text("of nobody\n")
        place, text = "/run/secrets/log_store_password", (LOGS / "fluent-bit/fluent-bit.yaml").read_text()
        assert text.count(place) == 1
        configuration = self.directory / "fluent-bit.yaml"
        configuration.write_text(text.replace(place, str(password)))
        shutil.copy(LOGS / "fluent-bit/lines.lua", self.directory)
        self.spawn(
            "--config",
            str(configuration),
            LOG_FILES=files,
            BUFFER=str(self.directory),
            METRICS_PORT=str(self.port),
            LOG_PROJECT="micro-sayur",
            STORE_HOST="127.0.0.1",
            STORE_PORT=str(self.store_port),
            STORE_TLS="off",
            STORE_USER="",
        )

    def parse_failures(self) -> int:
        text = httpx.get(f"http://127.0.0.1:{self.port}/api/v2/metrics/prometheus", trust_env=False, timeout=10).text
        counted = re.search(r'^fluentbit_output_proc_records_total\{[^}]*name="parse_failures"[^}]*\} (\S+)', text, re.MULTILINE)
        return int(float(counted[1])) if counted else 0


SHIPPERS = {"rsyslog": Rsyslog, "fluent-bit": FluentBit}
