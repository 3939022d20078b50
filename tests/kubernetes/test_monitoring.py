# SPDX-License-Identifier: Apache-2.0
"""The components exporters, prometheus and status-page beside the production overlay: targets are scraped, rules evaluated, Alertmanager
hears, and the status page knows."""

from __future__ import annotations

import json
import os

import httpx
import pytest
import yaml

from harness.client import wait_until
from harness.kubernetes import run
from harness.packages import REPOSITORY
from kubernetes import manifests
from observability.targets import JOBS, health_of_targets

WORKLOADS = (
    "deployment/postgres-exporter",
    "deployment/redis-exporter",
    "statefulset/alertmanager",
    "statefulset/prometheus",
    "statefulset/status-page",
)


def names(found: list[dict]) -> set[tuple[str, str]]:
    return {(each["kind"], each["metadata"]["name"]) for each in found}


@pytest.fixture(scope="module")
def watched(stack, tmp_path_factory):
    """The namespace, with what watches it; afterwards without it."""
    folder = tmp_path_factory.mktemp("watched")
    at = os.path.relpath(manifests.FOLDER, folder.resolve())
    production = manifests.TEST_OVERLAYS / "production"
    components = [f"{at}/components/{name}" for name in ("exporters", "prometheus", "status-page", "images")]
    kustomization = {"namespace": "micro-sayur", "resources": [os.path.relpath(production, folder.resolve())], "components": components}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    before = names(manifests.objects(manifests.build(production)))
    added = [each for each in manifests.objects(manifests.build(folder)) if not names([each]) & before]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": added})
    stack.namespace.kubectl("apply", "-f", "-", stdin=listed)
    try:
        for name in WORKLOADS:
            stack.namespace.kubectl("rollout", "status", name, "--timeout=120s", seconds=130)
        yield stack.namespace
    finally:
        stack.namespace.kubectl("delete", "-f", "-", "--wait=false", stdin=listed)
        stack.namespace.kubectl("delete", "persistentvolumeclaim", "--selector=app in (prometheus, status-page)", "--wait=false")


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/-/ready").status_code == 200
    except httpx.TransportError:  # nodes learn of an address a moment after its pod is ready
        return False


@pytest.fixture
def prometheus(watched):
    with httpx.Client(base_url=f"http://{watched.address('prometheus')}:9090", timeout=10, trust_env=False) as client:
        wait_until(lambda: answers(client), 30, "Prometheus behind its Service")
        yield client


def test_every_instance_is_a_target_and_is_scraped(watched, prometheus):
    def complete() -> bool:
        found = health_of_targets(prometheus)
        enough = set(found) == JOBS and all(set(health) == {"up"} for health in found.values())
        return enough and all(len(found[service]) == len(watched.pods(service)) for service in ("user-service", "gateway"))

    wait_until(complete, 120, "every target up")
    assert len(health_of_targets(prometheus)["user-service"]) >= 3


def test_every_rule_is_evaluated_and_alertmanager_hears(watched, prometheus):
    def faults() -> list[str]:
        groups = prometheus.get("/api/v1/rules").json()["data"]["groups"]
        return [
            f"{rule['name']}: {rule['health']} {rule.get('lastError', '')}"
            for group in groups
            for rule in group["rules"]
            if rule["health"] != "ok"
        ]

    wait_until(lambda: not faults(), 90, "a rule without a fault")
    (pod,) = watched.pods("alertmanager")
    url = f"http://{pod['status']['podIP']}:9093/api/v2/alerts"

    def told() -> set[str]:
        return {each["labels"]["alertname"] for each in httpx.get(url, timeout=10, trust_env=False).json()}

    wait_until(lambda: "Watchdog" in told(), 90, "Watchdog at Alertmanager")


def test_the_status_page_knows_how_it_is(watched):
    url = f"http://{watched.address('status-page')}:8080/status"

    def states() -> set[str]:
        answer = httpx.get(f"{url}/status.json", timeout=10, trust_env=False)
        return {thing["state"] for thing in answer.json()["things"]} if answer.status_code == 200 else set()

    wait_until(lambda: states() == {"operational"}, 120, "everything operational")
    assert "<h1" in httpx.get(url, timeout=10, trust_env=False).text


def test_the_doctor_sees_every_part(watched):
    done = run(REPOSITORY / "sayur", "doctor", "--stack", "--namespace", watched.name, "--json")
    found = {part["name"]: part for part in json.loads(done.stdout)}
    assert {
        "user-service",
        "notification-service",
        "gateway",
        "postgres",
        "redis",
        "rabbitmq",
        "prometheus",
        "user-service: redis",
    } <= found.keys()
    assert [name for name, part in found.items() if not part["healthy"]] == [], done.stdout
    assert done.returncode == 0
