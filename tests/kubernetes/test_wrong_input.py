# SPDX-License-Identifier: Apache-2.0
"""What is wrong shows where an operator looks, and leaves no half of a database behind."""

from __future__ import annotations

import copy
import json
import os
import re

import pytest
import yaml

from harness.client import new_password, wait_until
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


def make_secrets(empty) -> None:
    """Those that user-service and its migration mount."""
    for secret in ("user-service-database", "database-owner", "user-service-redis", "user-service-rabbitmq", "admin", "jwt-keys"):
        empty.kubectl("create", "secret", "generic", secret, "--from-literal=password=none")


def test_a_missing_key_of_the_configuration_is_named(empty):
    """The migration does not start either: it wants the same key."""
    items = [each for each in development(without="db.host") if each["metadata"]["name"].startswith(("user-service", "app-config"))]
    make_secrets(empty)
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
    make_secrets(empty)
    apply(empty, items)
    wait_until(
        lambda: "DB_PORT" in empty.try_kubectl("logs", "--selector=app=user-service-migrate").stdout, 90, "a line that names DB_PORT"
    )


def test_an_image_that_does_not_exist_is_named_and_its_schema_is_not_begun(empty, tmp_path):
    """A first apply, by the command, which says what an operator would have to look up."""
    at = os.path.relpath(manifests.FOLDER, tmp_path.resolve())
    gone = "{ apiVersion: v1, kind: any, metadata: { name: any }, $patch: delete }"
    kustomization = {
        "namespace": empty.name,
        "resources": [f"{at}/overlays/development"],
        "images": [{"name": "micro-sayur/user-service", "newTag": "v0.0.0-absent"}],
        # The way in belongs to the installation that other tests look at.
        "patches": [{"target": {"kind": "Gateway|HTTPRoute"}, "patch": gone}],
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    done = run("env", "MIGRATION_SECONDS=60", REPOSITORY / "sayur", "k8s", "apply", tmp_path, "--make-secrets", seconds=200)
    assert done.returncode == 1
    assert "v0.0.0-absent" in done.stderr and "the migrations were not done within 60 s" in done.stderr
    psql = ("exec", "statefulset/postgres", "--", "psql", "-XqAt", "-U", "micro_sayur", "-d", "micro_sayur", "-c")
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = '{}'"
    assert empty.kubectl(*psql, tables.format("user_service")).strip() == "0"
    assert int(empty.kubectl(*psql, tables.format("notification_service"))) > 1, "whose image is there"


def test_seconds_that_are_none_are_refused():
    done = run("env", "ROLLOUT_SECONDS=soon", REPOSITORY / "sayur", "k8s", "apply", "development")
    assert done.returncode == 64
    assert "ROLLOUT_SECONDS" in done.stderr


def postgres_alone() -> list[dict]:
    """The StatefulSet with what it mounts; to fill its volume takes long enough to be interrupted."""
    names = {"postgres", *(f"postgres-{each}" for each in ("initialise", "passwd", "roles", "schemas", "settings"))}
    kept = [each for each in development() if re.sub(r"-[a-z0-9]{10}$", "", each["metadata"]["name"]) in names]
    for each in kept:
        if each["metadata"]["name"].startswith("postgres-roles"):
            each["data"]["00-slow.sql"] = "SELECT pg_sleep(8);"
    return kept


def test_a_database_whose_beginning_is_interrupted_is_begun_anew(empty):
    for secret in ("postgres-superuser", "database-owner", "user-service-database", "notification-service-database", "exporter-database"):
        empty.kubectl("create", "secret", "generic", secret, f"--from-literal=password={new_password()}")
    apply(empty, postgres_alone())
    folder = "/var/lib/postgresql/data/pgdata"
    begun = ("exec", "postgres-0", "--container=initialise", "--", "test", "-s", f"{folder}.incomplete/PG_VERSION")
    wait_until(lambda: empty.try_kubectl(*begun).returncode == 0, 120, "a folder that is being filled")
    empty.kubectl("delete", "pod", "postgres-0", "--grace-period=1", "--wait")
    empty.kubectl("rollout", "status", "statefulset/postgres", "--timeout=120s", seconds=130)
    psql = ("exec", "postgres-0", "--", "psql", "-XqAt", "-U", "micro_sayur", "-d", "micro_sayur", "-c")
    schemas = "SELECT count(*) FROM pg_namespace WHERE nspname IN ('user_service', 'notification_service')"
    assert empty.kubectl(*psql, schemas).strip() == "2"
    assert empty.kubectl("exec", "postgres-0", "--", "ls", "/var/lib/postgresql/data").split() == ["pgdata"]


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["apply", "nowhere"], "there is no overlay"),
        (["apply"], "say which overlay"),
        (["fly"], "there is no"),
        (["load", "--make-secrets"], "takes nothing more"),
        (["down", "now"], "takes nothing more"),
        (["test", "now"], "takes nothing more"),
    ],
)
def test_the_command_says_what_it_does_not_know(arguments, wanted):
    done = run(REPOSITORY / "sayur", "k8s", *arguments)
    assert done.returncode == 64
    assert wanted in done.stderr


def test_an_overlay_without_servers_is_refused(tmp_path):
    at = os.path.relpath(manifests.FOLDER, tmp_path.resolve())
    unknown = {"name": "app-config", "behavior": "merge", "literals": ["db.host=not-applied.invalid"]}
    kustomization = {"namespace": "wrong-input", "resources": [f"{at}/overlays/development"], "configMapGenerator": [unknown]}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    done = run(REPOSITORY / "sayur", "k8s", "apply", tmp_path)
    assert done.returncode == 1
    assert "names no servers yet" in done.stderr
