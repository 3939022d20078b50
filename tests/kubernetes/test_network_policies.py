# SPDX-License-Identifier: Apache-2.0
"""Who may talk to whom: every pair of a caller and a port is tried for real, and the answer is the one of the table."""

from __future__ import annotations

import json

import pytest

from harness.kubernetes import Namespace
from kubernetes import manifests

pytestmark = pytest.mark.timeout(400)

# Target -> its port, and the callers that reach it. Everybody else is refused.
ALLOWED = {
    ("user-service", 8080): {"gateway", "notification-service", "monitoring"},
    ("notification-service", 8081): {"gateway", "monitoring"},
    ("gateway", 8080): {"entrance"},
    ("gateway", 8443): set(),
    ("gateway", 9902): {"monitoring"},
    ("postgres", 5432): {"user-service", "notification-service", "user-service-migrate"},
    ("redis", 6379): {"user-service", "notification-service"},
    ("rabbitmq", 5672): {"user-service", "notification-service"},
    ("rabbitmq", 15672): set(),
    ("rabbitmq", 25672): set(),
    ("mailpit", 1025): {"notification-service"},
}
CALLERS = {
    "gateway": {"app": "gateway"},
    "user-service": {"app": "user-service"},
    "notification-service": {"app": "notification-service"},
    "user-service-migrate": {"app": "user-service-migrate", "job": "migrate"},
    "postgres": {"app": "postgres"},
    "redis": {"app": "redis"},
    "rabbitmq": {"app": "rabbitmq"},
    "mailpit": {"app": "mailpit"},
    "stranger": {"app": "stranger"},
}
ELSEWHERE = {"entrance": "gateway", "monitoring": "monitoring", "neighbour": "neighbour"}  # caller -> its namespace
SCRIPT = """
for target in "$@"; do
  ( timeout 3 bash -c "exec 3<>/dev/tcp/${target%:*}/${target#*:}" 2>/dev/null && echo "$target open" || echo "$target shut" ) &
done
wait
"""


def caller_pod(name: str, labels: dict[str, str], image: str) -> dict:
    """A pod with the labels of a real one and a shell, which never becomes ready, so that no Service leads to it."""
    container = {
        "name": "caller",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "600"],
        "readinessProbe": {"exec": {"command": ["false"]}},
        "resources": {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"cpu": "200m", "memory": "64Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    user = {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"containers": [container], "securityContext": user, "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"caller-{name}", "labels": {**labels, "caller": "true"}}, "spec": spec}


@pytest.fixture(scope="module")
def callers(stack):
    """Caller -> the namespace of its pod."""
    postgres = manifests.workload(manifests.objects(manifests.build(manifests.TEST_OVERLAYS / "production")), "StatefulSet", "postgres")
    image = postgres["spec"]["template"]["spec"]["containers"][0]["image"]  # one with bash
    made = dict.fromkeys(CALLERS, stack.namespace)
    own = [Namespace(name) for name in ("monitoring", "neighbour")]
    for namespace in own:
        namespace.delete()
        namespace.make()
    made |= {name: Namespace(at) for name, at in ELSEWHERE.items()}
    for name, namespace in made.items():
        namespace.kubectl("apply", "-f", "-", stdin=json.dumps(caller_pod(name, CALLERS.get(name, {"app": name}), image)))
    for name, namespace in made.items():
        namespace.kubectl("wait", "pod", f"caller-{name}", "--for=jsonpath={.status.phase}=Running", "--timeout=60s")
    yield made
    for name, namespace in made.items():
        namespace.kubectl("delete", "pod", f"caller-{name}")
    for namespace in own:
        namespace.delete()


def open_ports(namespace: Namespace, caller: str, targets: list[str]) -> set[str]:
    output = namespace.kubectl("exec", f"caller-{caller}", "--", "bash", "-c", SCRIPT, "bash", *targets)
    lines = dict(line.split() for line in output.splitlines())
    assert set(lines) == set(targets)
    return {target for target, state in lines.items() if state == "open"}


def test_every_pair_is_as_the_table_says(stack, callers, say):
    pods = {}
    for app, _ in ALLOWED:
        own = [pod for pod in stack.namespace.pods(app) if "caller" not in pod["metadata"]["labels"]]
        pods[app] = own[0]["status"]["podIP"]
    targets = {f"{pods[app]}:{port}": (app, port) for app, port in ALLOWED}
    reached = {key: set() for key in ALLOWED}
    for caller, namespace in callers.items():
        for target in open_ports(namespace, caller, list(targets)):
            reached[targets[target]].add(caller)
    pairs = len(callers) * len(targets)
    say(f"{pairs} connections tried: {sum(map(len, reached.values()))} allowed, {pairs - sum(map(len, reached.values()))} refused")
    assert reached == ALLOWED


@pytest.mark.parametrize("caller", ["user-service", "stranger"])
def test_names_are_answered_over_both_protocols(stack, callers, caller):
    dns = Namespace("kube-system").address("kube-dns")
    assert open_ports(callers[caller], caller, [f"{dns}:53"]) == {f"{dns}:53"}
    assert callers[caller].kubectl("exec", f"caller-{caller}", "--", "getent", "hosts", "user-service").strip()


def test_nobody_reaches_the_api_server(stack, callers):
    api = Namespace("default").address("kubernetes")
    for caller in CALLERS:
        assert open_ports(callers[caller], caller, [f"{api}:443"]) == set(), caller
