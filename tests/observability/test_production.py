# SPDX-License-Identifier: Apache-2.0
"""Where the data servers speak TLS alone, who watches them speaks it too, and requests are traced."""

from __future__ import annotations

import ssl

import httpx
import pytest

from harness.client import wait_until
from harness.compose import Project
from harness.processes import Session
from observability.jaeger import Jaeger
from observability.targets import WATCHED, health_of_targets

WATCHERS = (f"compose.{also}{part}.yml" for part in ("observability", "tracing") for also in ("", "prod."))
FILES = ("docker-compose.yml", "compose.prod.yml", "compose.backup.yml", *WATCHERS)
REPLICAS = {"user-service": 2, "notification-service": 2}
MAIL = {"SMTP_HOST": "mailpit", "SMTP_PORT": "1025", "SMTP_TLS": "none", "SMTP_PLAINTEXT": "allowed", "MAIL_FROM": "noreply@example.com"}


@pytest.fixture(scope="module")
def project():
    with Session() as session:
        profiles = "observability,tracing,mailpit"
        project = Project(
            session.directory,
            FILES,
            COMPOSE_PROFILES=profiles,
            ADMIN_EMAIL="admin@example.com",
            GATEWAY_TRACES_PER_10000="10000",
            **MAIL,
        )
        try:
            project.up()
            yield project
        finally:
            project.close()


@pytest.fixture
def prometheus(project):
    with httpx.Client(base_url=project.url("PROMETHEUS"), timeout=10, trust_env=False) as client:
        yield client


def wanted(jobs: set[str]) -> dict[str, list[str]]:
    return {job: ["up"] * REPLICAS.get(job, 1) for job in jobs}


def test_production_is_watched_over_tls(prometheus):
    wait_until(lambda: health_of_targets(prometheus) == wanted(WATCHED), 90, "every target up")
    for name in ("pg_up", "redis_up"):
        (series,) = prometheus.get("/api/v1/query", params={"query": name}).json()["data"]["result"]
        assert series["value"][1] == "1", name


def test_a_request_over_tls_is_traced(project):
    authority = ssl.create_default_context(cafile=project.secrets / "tls" / "authority.pem")
    url = f"https://localhost:{project.ports['GATEWAY_TLS']}/users/openapi.json"
    with httpx.Client(verify=authority, trust_env=False) as client:
        trace_id = client.get(url).headers["traceparent"].split("-")[1]
    jaeger = Jaeger(project.url("JAEGER"))
    wait_until(lambda: any(span.service == "gateway" for span in jaeger.trace(trace_id)), 30, "the gateway's span in Jaeger")
    first = jaeger.trace(trace_id)[0]
    jaeger.close()
    assert (first.service, first.name) == ("gateway", "GET /users/openapi.json")


def test_where_no_collector_runs_none_is_missed(project, prometheus):
    project.compose("rm", "--stop", "--force", "otel-collector")
    wait_until(lambda: health_of_targets(prometheus) == wanted(WATCHED), 90, "the targets without the Collector's")
