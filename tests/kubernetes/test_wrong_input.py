# SPDX-License-Identifier: Apache-2.0
"""What is wrong shows where an operator looks, and leaves no half of a database behind."""

from __future__ import annotations

import copy
import json

import pytest

from harness.client import wait_until
from harness.kubernetes import Namespace, run
from harness.packages import REPOSITORY
from kubernetes import manifests

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def empty():
    """A namespace of its own."""
    namespace = Namespace("wrong-input")
    namespace.delete()
    namespace.make()
    yield namespace
    namespace.delete()


def development(without: str | None = None) -> list[dict]:
    """The overlay's objects for the namespace, their namespace left to kubectl."""
    found = copy.deepcopy(manifests.objects(manifests.build(manifests.FOLDER / "overlays" / "development")))
    kept = [each for each in found if each["kind"] != "Namespace"]
    for each in kept:
        del each["metadata"]["namespace"]
        if each["kind"] == "ConfigMap" and without:
            each["data"].pop(without, None)
    return kept


def apply(namespace: Namespace, items: list[dict]) -> None:
    namespace.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def test_an_overlay_without_its_secrets_waits_and_says_for_which(empty):
    apply(empty, development())
    for name in ("user-service-database", "database-owner", "jwt-keys", "gateway-tls", "postgres-superuser"):
        wait_until(lambda n=name: f'"{n}" not found' in empty.warnings(), 90, f"an event that names {name}")
    for pod in empty.get("pods", selector="app in (postgres, user-service-migrate)")["items"]:
        assert pod["status"]["phase"] == "Pending", "nothing has begun to fill a database"


def test_a_missing_key_of_the_configuration_is_named(empty):
    """The migration does not start either: it wants the same key."""
    items = [each for each in development(without="db.host") if each["metadata"]["name"].startswith(("user-service", "app-config"))]
    for secret in ("user-service-database", "database-owner", "redis", "rabbitmq", "admin", "jwt-keys"):
        empty.kubectl("create", "secret", "generic", secret, "--from-literal=password=none")
    apply(empty, items)
    wait_until(lambda: "couldn't find key db.host in ConfigMap" in empty.warnings(), 90, "an event that names the key")
    reason = "{.items[*].status.containerStatuses[*].state.waiting.reason}"
    pods = ("get", "pods", "--selector=app in (user-service, user-service-migrate)", f"--output=jsonpath={reason}")
    wait_until(lambda: empty.kubectl(*pods).split() == ["CreateContainerConfigError"] * 2, 60, "neither service nor migration to start")


def test_a_value_that_is_none_ends_the_service_with_a_line_that_names_it(empty):
    items = [each for each in development() if each["metadata"]["name"].startswith(("user-service", "app-config"))]
    for each in items:
        if each["kind"] == "ConfigMap":
            each["data"]["db.port"] = "many"
    for secret in ("user-service-database", "database-owner", "redis", "rabbitmq", "admin", "jwt-keys"):
        empty.kubectl("create", "secret", "generic", secret, "--from-literal=password=none")
    apply(empty, items)
    wait_until(
        lambda: "DB_PORT" in empty.try_kubectl("logs", "--selector=app=user-service-migrate").stdout, 90, "a line that names DB_PORT"
    )


@pytest.mark.parametrize(
    ("arguments", "wanted"), [(["apply", "nowhere"], "there is no overlay"), (["apply"], "say which overlay"), (["fly"], "there is no")]
)
def test_the_command_says_what_it_does_not_know(arguments, wanted):
    done = run(REPOSITORY / "sayur", "k8s", *arguments)
    assert done.returncode == 64
    assert wanted in done.stderr
