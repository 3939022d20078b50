# SPDX-License-Identifier: Apache-2.0
"""Pods are replaced, deleted and evicted while customers call: none of them notices."""

from __future__ import annotations

import json

import pytest

from harness.client import wait_until
from kubernetes.load import SteadyLoad

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", autouse=True)
def least_pods(stack):
    """No more pods than the least: what the load of tests before this had added leaves this small cluster no room for a rollout."""
    scale(stack, 3)
    wait_until(lambda: len(names(stack, "user-service")) == 3 == stack.ready("user-service"), 240, "three pods of user-service")


@pytest.fixture(autouse=True)
def whole(stack):
    """Three of each again before the next test."""
    yield
    for name, count in (("user-service", 3), ("gateway", 2)):
        wait_until(lambda n=name, c=count: stack.ready(n) >= c, 120, f"{count} of {name}")


def names(stack, app: str) -> set[str]:
    return {pod["metadata"]["name"] for pod in stack.namespace.pods(app)}


@pytest.mark.parametrize("deployment", ["user-service", "notification-service", "gateway"])
def test_a_rolling_update_fails_no_request(stack, say, deployment):
    before = names(stack, deployment)
    with SteadyLoad(stack) as load:
        stack.namespace.kubectl("rollout", "restart", f"deployment/{deployment}")
        stack.namespace.kubectl("rollout", "status", f"deployment/{deployment}", "--timeout=240s", seconds=250)
        stack.namespace.kubectl("wait", "pod", *before, "--for=delete", "--timeout=90s")
    say(f"rolling update of {deployment}: {load}")
    assert not before & names(stack, deployment)
    load.expect_no_failure(at_least=200)


def scale(stack, least: int) -> None:
    """Has the autoscaler want so few pods of user-service, at once."""
    quick = {"stabilizationWindowSeconds": 0, "policies": [{"type": "Pods", "value": 10, "periodSeconds": 15}]}
    patch = {"spec": {"minReplicas": least, "behavior": {"scaleDown": quick}}}
    stack.namespace.kubectl("patch", "hpa", "user-service-hpa", "--type=merge", "--patch", json.dumps(patch))


def test_a_rolling_update_of_pods_that_were_just_added_fails_no_request(stack, say):
    """Kubernetes takes pods that are not ready for long enough away at once, most of those that the gateway knows."""
    scale(stack, 1)
    wait_until(lambda: len(names(stack, "user-service")) == 1 == stack.ready("user-service"), 120, "one pod")
    scale(stack, 3)
    wait_until(lambda: stack.ready("user-service") == 3, 60, "three ready pods")
    with SteadyLoad(stack) as load:
        stack.namespace.kubectl("rollout", "restart", "deployment/user-service")
        stack.namespace.kubectl("rollout", "status", "deployment/user-service", "--timeout=240s", seconds=250)
    say(f"rolling update of pods that were just added: {load}")
    load.expect_no_failure(at_least=200)


def test_a_broken_image_takes_nothing_away_and_is_undone(stack, say):
    before = names(stack, "user-service")
    with SteadyLoad(stack) as load:
        stack.namespace.kubectl("set", "image", "deployment/user-service", "user-service=micro-sayur/user-service:v0.0.0-absent")
        stuck = stack.namespace.try_kubectl("rollout", "status", "deployment/user-service", "--timeout=20s")
        assert stuck.returncode != 0, "the rollout must not be done"
        assert before <= names(stack, "user-service"), "no working pod has gone"
        assert "v0.0.0-absent" in stack.namespace.warnings(), "an event says which image is absent"
        stack.namespace.kubectl("rollout", "undo", "deployment/user-service")
        stack.namespace.kubectl("rollout", "status", "deployment/user-service", "--timeout=120s", seconds=130)
    say(f"a broken image and undo: {load}")
    assert before <= names(stack, "user-service")
    load.expect_no_failure(at_least=100)


@pytest.mark.parametrize("deployment", ["user-service", "gateway"])
def test_a_deleted_pod_fails_no_request(stack, say, deployment):
    victim = sorted(names(stack, deployment))[0]
    with SteadyLoad(stack) as load:
        stack.namespace.kubectl("delete", "pod", victim, "--wait")
        wait_until(lambda: stack.ready(deployment) >= (3 if deployment == "user-service" else 2), 90, "another pod in its place")
    say(f"a pod of {deployment} deleted: {load}")
    load.expect_no_failure(at_least=100)


def test_an_evicted_pod_fails_no_request_and_one_too_many_stays(stack, say):
    first, second, *_ = sorted(names(stack, "user-service"))
    with SteadyLoad(stack) as load:
        allowed = stack.namespace.evict(first)
        assert allowed.returncode == 0, allowed.stderr
        refused = stack.namespace.evict(second)
        assert refused.returncode != 0
        assert "disruption budget" in refused.stderr
        stack.namespace.kubectl("wait", "pod", first, "--for=delete", "--timeout=90s")
        wait_until(lambda: stack.ready("user-service") >= 3, 90, "another pod in its place")
    say(f"a pod evicted, the second refused: {load}")
    load.expect_no_failure(at_least=100)
