# SPDX-License-Identifier: Apache-2.0
"""The autoscaler follows the load up and down; memory has a limit, which kills, and from which normal work stays away."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import httpx
import pytest

from harness.background import Background
from harness.client import Api, wait_until
from kubernetes import manifests

pytestmark = pytest.mark.timeout(900)
CLIENTS = 8
READERS = 2
PATIENCE_SECONDS = 300


class Load(Background):
    """Clients that log in as fast as the gateways let them; and others past the gateways, where nothing slows them, since on a fast
    processor the logins that are let in are not enough. And the peak of memory meanwhile."""

    def __init__(self, stack) -> None:
        self.stack = stack
        self.logins = 0
        self.peaks: dict[str, float] = {}

    def tasks(self) -> list[Callable[[], None]]:
        api = Api(self.stack)
        self._account = api.new_account()
        api.close()
        return [self._log_in] * CLIENTS + [self._read] * READERS + [self._watch_memory]

    def _log_in(self) -> None:
        api = Api(self.stack)
        while not self.over.is_set():
            self.logins += api.login(self._account.email, self._account.password).status_code == 200
        api.close()

    def _read(self) -> None:
        service = f"http://{self.stack.namespace.address('user-service')}"
        with httpx.Client(base_url=service, headers=self._account.bearer, trust_env=False, timeout=30) as client:
            while not self.over.is_set():
                assert client.get("/api/v1/profile").status_code == 200

    def _watch_memory(self) -> None:
        """By the services' own account, once a second."""
        while not self.over.wait(1):
            for app, port in (("user-service", 8080), ("notification-service", 8081)):
                for pod in self.stack.namespace.pods(app):
                    self._measure(app, f"http://{pod['status'].get('podIP')}:{port}/metrics")

    def _measure(self, app: str, url: str) -> None:
        try:
            text = httpx.get(url, trust_env=False, timeout=2).text
        except (httpx.TransportError, httpx.InvalidURL):
            return  # a pod that has not begun to serve
        for line in text.splitlines():
            if line.startswith("process_resident_memory_bytes "):
                self.peaks[app] = max(self.peaks.get(app, 0), float(line.split()[1]) / (1 << 20))


def replicas(stack) -> int:
    """As many as the autoscaler wants."""
    return stack.namespace.get("deployment", "user-service")["spec"]["replicas"]


@pytest.fixture
def quick_to_shrink(stack):
    """Five minutes of stabilisation are for customers; the test has less patience."""
    quick = {
        "spec": {
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 10, "policies": [{"type": "Pods", "value": 10, "periodSeconds": 15}]}}
        }
    }
    stack.namespace.kubectl("patch", "hpa", "user-service-hpa", "--type=merge", "--patch", json.dumps(quick))


def test_the_autoscaler_goes_up_with_the_load_and_back(stack, quick_to_shrink, say):
    wait_until(lambda: replicas(stack) == 3, PATIENCE_SECONDS, "three pods at rest")
    began = time.monotonic()
    with Load(stack) as load:
        wait_until(lambda: stack.ready("user-service") > 3, PATIENCE_SECONDS, "more than three ready pods")
        grown = time.monotonic() - began
        most = replicas(stack)
    over = time.monotonic()
    wait_until(lambda: replicas(stack) == 3, PATIENCE_SECONDS, "three pods again")
    peaks = ", ".join(f"{app} {peak:.0f} MiB" for app, peak in load.peaks.items())
    say(f"3 -> {most} pods in {grown:.0f} s under {load.logins} logins, back to 3 in {time.monotonic() - over:.0f} s; peak memory {peaks}")
    limit = 256
    assert set(load.peaks) == {"user-service", "notification-service"}
    assert max(load.peaks.values()) < limit / 2, "normal work stays away from the limit"


def test_a_pod_over_its_memory_is_killed_and_replaced(stack, say):
    """A pod with the limits of user-service that takes more than they give."""
    built = manifests.objects(manifests.build(manifests.TEST_OVERLAYS / "production"))
    service = manifests.workload(built, "Deployment", "user-service")["spec"]["template"]["spec"]
    image = manifests.workload(built, "StatefulSet", "postgres")["spec"]["template"]["spec"]["containers"][0]["image"]
    container = {
        "name": "glutton",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["bash", "-c", "text=$(head -c 400M /dev/zero | tr '\\0' x); sleep 60"],
        "resources": service["containers"][0]["resources"],
        "securityContext": service["containers"][0]["securityContext"],
    }
    assert container["resources"]["limits"]["memory"] == "256Mi"
    pod = {"spec": {**{key: service[key] for key in ("securityContext", "automountServiceAccountToken")}, "containers": [container]}}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "glutton"},
        "spec": {"selector": {"matchLabels": {"app": "glutton"}}, "template": {"metadata": {"labels": {"app": "glutton"}}, **pod}},
    }
    stack.namespace.kubectl("apply", "-f", "-", stdin=json.dumps(deployment))
    try:
        began = time.monotonic()

        def restarted() -> dict | None:
            for found in stack.namespace.pods("glutton"):
                for status in found["status"].get("containerStatuses", []):
                    last = status.get("lastState", {}).get("terminated")
                    if last and status["restartCount"] >= 1:
                        return last
            return None

        last = wait_until(restarted, 120, "a second start")
        say(f"over 256Mi: {last['reason']}, code {last['exitCode']}, started again {time.monotonic() - began:.0f} s after the first start")
        assert (last["reason"], last["exitCode"]) == ("OOMKilled", 137)
    finally:
        stack.namespace.kubectl("delete", "deployment", "glutton")
