# SPDX-License-Identifier: Apache-2.0
"""The way in: TLS, redirects, who is refused at the edge; and what the API server says of overlays and tampered pods."""

from __future__ import annotations

import copy
import json
import time

import httpx
import pytest

from harness.client import expect_problem
from harness.kubernetes import HTTP, checked, run
from harness.kubernetes_stack import OVERLAYS
from kubernetes import manifests


@pytest.fixture(scope="module")
def client(stack):
    with stack.client() as made:
        yield made


def test_a_registration_is_mailed_and_logs_in(api):
    made = api.new_account()
    assert api.profile(made.bearer).json()["email"] == made.email


def test_plain_http_is_led_to_https(stack):
    answer = httpx.get(f"{HTTP}/users/openapi.json", headers={"Host": "localhost"}, trust_env=False)
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith("https://localhost")


def test_https_says_that_it_is_to_be_used_again(client):
    assert client.get("/users/openapi.json").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_without_a_token_the_gateway_refuses(client):
    for path in ("/users/api/v1/profile", "/notifications/api/v1/notifications"):
        expect_problem(client.get(path), "unauthenticated")


@pytest.mark.parametrize("path", ["/users/metrics", "/users/health", "/users/ready", "/notifications/metrics", "/metrics", "/stats"])
def test_the_inside_is_not_reachable(client, path):
    assert client.get(path).status_code == 404


def test_who_asks_too_often_is_slowed(client):
    began, statuses = time.monotonic(), []
    while 429 not in statuses and time.monotonic() - began < 30:
        answer = client.post("/users/api/v1/auth/login", json={})  # of which the service itself limits nothing
        statuses.append(answer.status_code)
    expect_problem(answer, "rate_limited")
    assert answer.headers["Retry-After"] == "1"


def test_a_forged_forwarded_header_changes_nobody(client, stack):
    """The proxy in front says who calls: an address of the client's own making is not what the gateway counts by."""
    gateways = "--selector=app=gateway"
    answer = client.get("/users/openapi.json", headers={"X-Forwarded-For": "203.0.113.7"})
    wanted = answer.headers["x-request-id"]
    deadline = time.monotonic() + 10
    while wanted not in (log := stack.namespace.kubectl("logs", gateways, "--tail=200")) and time.monotonic() < deadline:
        time.sleep(0.2)
    (line,) = (json.loads(each) for each in log.splitlines() if wanted in each)
    assert line["client.ip"] != "203.0.113.7"


def test_applied_again_it_changes_no_pod(stack, say):
    def running() -> set[str]:
        pods = (pod for app in ("user-service", "notification-service", "gateway", "postgres") for pod in stack.namespace.pods(app))
        return {pod["metadata"]["name"] for pod in pods}

    before = running()
    seconds = stack.namespace.apply(OVERLAYS / stack.overlay, "--make-secrets")
    say(f"applied again: {seconds:.0f} s")
    assert running() == before


@pytest.mark.parametrize("overlay", manifests.OVERLAYS)
def test_the_api_server_takes_every_overlay(stack, overlay):
    found = manifests.objects(manifests.build(manifests.FOLDER / "overlays" / overlay))
    namespace = found[0]["metadata"]["name"]
    existed = run("kubectl", "get", "namespace", namespace).returncode == 0
    known = [each for each in found if manifests.group(each) not in manifests.NOT_TO_BE_HAD]
    left_out = sorted(each["kind"] for each in found if each not in known)
    assert left_out in ([], ["Cluster", "ObjectStore", "RabbitmqCluster", "ScheduledBackup"])
    if existed:  # where a Job has run, it cannot be changed; ./sayur k8s apply takes it away as well
        checked("kubectl", "--namespace", namespace, "delete", "job", "--selector=job=migrate")
    else:
        checked("kubectl", "apply", "--server-side", "-f", "-", stdin=json.dumps(found[0]))
    try:
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": known})
        done = run("kubectl", "apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-", stdin=text)
        assert done.returncode == 0, done.stderr
        assert "would violate PodSecurity" not in done.stderr
    finally:
        if not existed:
            checked("kubectl", "delete", "namespace", namespace)


def tampered() -> dict[str, dict]:
    """A good pod, and the same with one thing wrong."""
    built = manifests.objects(manifests.build(manifests.TEST_OVERLAYS / "production"))
    template = manifests.workload(built, "Deployment", "user-service")["spec"]["template"]
    good = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tampered", "labels": {"app": "tampered"}}, "spec": template["spec"]}
    made = {"nothing": good}
    for what, change in {
        "privileged": lambda pod, container: container["securityContext"].update(privileged=True, allowPrivilegeEscalation=True),
        "may gain privileges": lambda pod, container: container["securityContext"].update(allowPrivilegeEscalation=True),
        "keeps capabilities": lambda pod, container: container["securityContext"].update(capabilities={}),
        "runs as root": lambda pod, container: pod["securityContext"].update(runAsNonRoot=False, runAsUser=0),
        "no seccomp": lambda pod, container: pod["securityContext"].pop("seccompProfile"),
        "sees the host's network": lambda pod, container: pod.update(hostNetwork=True),
        "mounts the host": lambda pod, container: pod["volumes"].append({"name": "host", "hostPath": {"path": "/"}}),
    }.items():
        pod = copy.deepcopy(good)
        change(pod["spec"], pod["spec"]["containers"][0])
        made[what] = pod
    return made


@pytest.mark.parametrize("what", tampered())
def test_pod_security_refuses_a_tampered_pod(stack, what):
    answer = stack.namespace.try_kubectl("apply", "--dry-run=server", "-f", "-", stdin=json.dumps(tampered()[what]))
    if what == "nothing":
        assert answer.returncode == 0, answer.stderr
    else:
        assert answer.returncode != 0
        assert "violates PodSecurity" in answer.stderr
