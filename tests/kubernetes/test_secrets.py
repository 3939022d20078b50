# SPDX-License-Identifier: Apache-2.0
"""Secrets are files, in no environment, and are exchanged while customers call."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from harness.client import new_password, wait_until
from harness.container import docker
from harness.kubernetes_stack import SERVICES
from harness.packages import REPOSITORY
from kubernetes import manifests
from kubernetes.load import SteadyLoad

pytestmark = pytest.mark.timeout(1200)
PUBLISHED_SECONDS = 600  # a key is published for so long before it signs (platform/crypto/signing_keys.hpp)
IMAGE = f"micro-sayur/user-service:v{(REPOSITORY / 'VERSION').read_text().strip()}"


def values(stack) -> set[str]:
    """Everything secret that the namespace holds."""
    found = stack.namespace.get("secrets")["items"]
    texts = {
        base64.b64decode(text).decode()
        for secret in found
        for key, text in secret["data"].items()
        if key not in {"username", "ca.crt", "tls.crt"}
    }
    assert len(texts) > 8
    return texts


def test_no_secret_is_in_any_environment(stack):
    """Neither in what pods are told nor in what their processes have."""
    secret = values(stack)
    for pod in stack.namespace.get("pods")["items"]:
        for container in manifests.containers(pod["spec"]):
            told = [variable.get("value", "") for variable in container.get("env", [])]
            assert not [text for text in told if any(each in text for each in secret)], pod["metadata"]["name"]
            assert not [variable for variable in container.get("env", []) if "secretKeyRef" in variable.get("valueFrom", {})]
    looked = 0
    for process in processes_of_pods():
        environment = process.read_bytes()
        assert not [each for each in secret if each.encode() in environment], process
        looked += 1
    assert looked > 10


def processes_of_pods() -> Iterator[Path]:
    """The environments of all processes in pods, out of this machine's /proc."""
    for group in Path("/proc").glob("[0-9]*/cgroup"):
        try:
            if "kubepods" in group.read_text():
                group.with_name("environ").read_bytes()
                yield group.with_name("environ")
        except OSError:
            continue  # it has ended


def test_no_secret_is_in_a_log(stack):
    secret = values(stack)
    for app in (*SERVICES, "gateway", "postgres", "redis", "rabbitmq"):
        log = stack.namespace.kubectl("logs", f"--selector=app={app}", "--tail=-1")
        assert not [each for each in secret if each in log], app


def deliver(stack) -> None:
    """Has the kubelet bring changed Secrets into the pods now, and not within a minute or two."""
    stack.namespace.kubectl("annotate", "pod", "--selector=app=user-service", f"secrets-changed={time.time_ns()}", "--overwrite")


def test_the_database_password_is_exchanged_without_a_failed_request(stack, say):
    """As docs/operations/kubernetes.md says: the Secret, then the role when every pod has the file."""
    old, password = stack.secret("user-service-database", "password"), new_password()
    with SteadyLoad(stack) as load:
        began = time.monotonic()
        stack.namespace.patch_secret("user-service-database", password=password)
        deliver(stack)
        wait_until(lambda: all(password_file(pod).read_text() == password for pod in stack.namespace.pods("user-service")), 150, "the file")
        delivered = time.monotonic() - began
        stack.run_sql(f"ALTER ROLE user_service PASSWORD '{password}'")
        assert not logs_in(stack, old) and logs_in(stack, password)
        # Connections that are open stay; new pods need new ones.
        stack.namespace.kubectl("rollout", "restart", "deployment/user-service")
        stack.namespace.kubectl("rollout", "status", "deployment/user-service", "--timeout=240s", seconds=250)
    say(f"database password exchanged: in every pod after {delivered:.1f} s; {load}")
    load.expect_no_failure(at_least=100)


def password_file(pod: dict) -> Path:
    """On the node, which is this machine: the images have no shell to look with."""
    return Path(f"/var/lib/k8s-lab/kubelet/pods/{pod['metadata']['uid']}/volumes/kubernetes.io~projected/secrets/database_password")


def logs_in(stack, password: str) -> bool:
    """What the server says of the password, as soon as it has a connection to spare."""
    postgres = stack.servers["postgres"]
    target = "host=postgres user=user_service dbname=micro_sayur"
    command = ("exec", f"statefulset/{postgres.name}", "-i", "--", "sh", "-c", f"PGPASSWORD=$(cat) psql '{target}' -c 'SELECT 1'")

    def verdict() -> str | None:
        tried = stack.namespace.try_kubectl(*command, stdin=password)
        if tried.returncode == 0:
            return "taken"
        return "refused" if "password authentication failed" in tried.stderr + tried.stdout else None

    return wait_until(verdict, 60, "a word about the password") == "taken"


def published(stack) -> list[set[str]]:
    """The keys that each user-service publishes."""
    found = []
    for pod in stack.namespace.pods("user-service"):
        keys = httpx.get(f"http://{pod['status']['podIP']}:8080/.well-known/jwks.json", trust_env=False, timeout=5).json()["keys"]
        found.append({key["kid"] for key in keys})
    return found


def signing(stack, account) -> set[str]:
    """The keys with which the user-services sign now."""
    found = set()
    login = {"email": account.email, "password": account.password}
    for pod in stack.namespace.pods("user-service"):
        answer = httpx.post(f"http://{pod['status']['podIP']}:8080/api/v1/auth/login", json=login, trust_env=False, timeout=10)
        found.add(jwt.get_unverified_header(answer.json()["access_token"])["kid"])
    return found


def test_the_signing_key_is_exchanged_without_a_failed_request(stack, api, say, tmp_path):
    """As docs/operations/kubernetes.md says: a second key, and when it signs and no old token is left, the first goes."""
    account = api.new_account()
    (old,) = signing(stack, account)
    identity = f"{os.getuid()}:{os.getgid()}"
    docker("run", "--rm", "--user", identity, "-v", f"{tmp_path}:/keys", "-e", "JWT_KEYS_DIR=/keys", IMAGE, "keys", "generate")
    (made,) = tmp_path.glob("*.pem")  # the secret <id>.key that was made beside it is exchanged apart from it
    new = made.stem
    with SteadyLoad(stack) as load:
        began = time.monotonic()
        stack.namespace.patch_secret("jwt-keys", **{made.name: made.read_text()})
        deliver(stack)
        wait_until(lambda: all(keys == {old, new} for keys in published(stack)), 150, "both keys published by every pod")
        seen = time.monotonic() - began
        assert signing(stack, account) == {old}, "not before everybody knows it"
        wait_until(lambda: signing_slowly(stack, account) == {new}, PUBLISHED_SECONDS + 120, "the new key to sign everywhere")
        signs = time.monotonic() - began
    load.expect_no_failure(at_least=1000)
    with SteadyLoad(stack) as later:  # whose tokens the new key has signed
        stack.namespace.kubectl("patch", "secret", "jwt-keys", "--type=merge", f'--patch={{"data": {{"{old}.pem": null}}}}')
        deliver(stack)
        wait_until(lambda: all(keys == {new} for keys in published(stack)), 150, "the old key gone")
        time.sleep(15)  # longer than the gateways keep what is published
    say(f"signing key exchanged: published {seen:.1f} s, signing {signs:.0f} s after the change; {load}; without the old one: {later}")
    later.expect_no_failure(at_least=100)


def signing_slowly(stack, account) -> set[str]:
    time.sleep(10)
    return signing(stack, account)
