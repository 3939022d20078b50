# SPDX-License-Identifier: Apache-2.0
"""Both services on a primary with two standbys, which Patroni keeps."""

from __future__ import annotations

import re

import httpx

from harness.patroni import ReplicatedPostgres
from harness.server import Server
from harness.servers import make_all
from harness.stack import DistributedStack


class ReplicatedStack(DistributedStack):
    def _make_servers(self) -> dict[str, Server]:
        self.cluster = ReplicatedPostgres(self.session)
        return {"postgres": self.cluster, **make_all(self.session, ["redis", "rabbitmq"])}

    def _server_environment(self) -> dict[str, str]:
        return super()._server_environment() | {"DB_REPLICA_HOSTS": self.cluster.host}

    def replicas_in_use(self) -> set[str]:
        """By notification-service, which shows what may be stale."""
        return {server for server, value in self._metric("sayur_database_replica_used").items() if value == 1}

    def replica_reads(self) -> float:
        return sum(self._metric("sayur_database_replica_reads_total").values())

    def replica_lag(self) -> float:
        """Of the one that is most behind, in seconds."""
        text = httpx.get(f"{self.notification_url}/metrics", trust_env=False, timeout=5).text
        return float(re.search(r"^sayur_database_replica_lag_seconds (\S+)$", text, re.MULTILINE)[1])

    def _metric(self, name: str) -> dict[str, float]:
        text = httpx.get(f"{self.notification_url}/metrics", trust_env=False, timeout=5).text
        return {server: float(value) for server, value in re.findall(rf'^{name}\{{server="([^"]*)"\}} (\S+)$', text, re.MULTILINE)}
