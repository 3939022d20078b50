# SPDX-License-Identifier: Apache-2.0
"""Where the data servers speak TLS alone, who watches them speaks it too."""

from __future__ import annotations

import httpx
import pytest

from harness.client import wait_until
from harness.compose import Project
from harness.processes import Session
from observability.targets import JOBS, health_of_targets

FILES = ("docker-compose.yml", "compose.prod.yml", "compose.observability.yml", "compose.prod.observability.yml")
REPLICAS = {"user-service": 2, "notification-service": 2}
MAIL = {"SMTP_HOST": "mailpit", "SMTP_PORT": "1025", "SMTP_TLS": "none", "SMTP_PLAINTEXT": "allowed", "MAIL_FROM": "noreply@example.com"}


@pytest.fixture
def prometheus():
    with Session() as session:
        project = Project(session.directory, FILES, COMPOSE_PROFILES="observability,mailpit", ADMIN_EMAIL="admin@example.com", **MAIL)
        try:
            project.up()
            with httpx.Client(base_url=project.url("PROMETHEUS"), timeout=10, trust_env=False) as client:
                yield client
        finally:
            project.close()


def test_production_is_watched_over_tls(prometheus):
    wanted = {job: ["up"] * REPLICAS.get(job, 1) for job in JOBS}
    wait_until(lambda: health_of_targets(prometheus) == wanted, 90, "every target up")
    for name in ("pg_up", "redis_up"):
        (series,) = prometheus.get("/api/v1/query", params={"query": name}).json()["data"]["result"]
        assert series["value"][1] == "1", name
