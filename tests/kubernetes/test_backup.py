# SPDX-License-Identifier: Apache-2.0
"""The component backup beside the development overlay, in a namespace of its own: both repositories fill, and a lost volume comes back."""

from __future__ import annotations

import json

import pytest

from harness.client import wait_until
from harness.kubernetes import Namespace, checked, run
from harness.packages import REPOSITORY
from kubernetes.development import namespace_with

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def namespace(tmp_path_factory):
    checked(REPOSITORY / "sayur", "images", "postgres", seconds=300)
    with namespace_with("backup", "micro-sayur/postgres", tmp_path_factory.mktemp("backup")) as made:
        yield made


def in_database(namespace: Namespace, statement: str) -> str:
    command = ["psql", "-XqAt", "-U", "micro_sayur", "-d", "micro_sayur", "-c", statement]
    return namespace.kubectl("exec", "postgres-0", "--container=postgres", "--", *command).strip()


def info(namespace: Namespace) -> dict:
    command = ["pgbackrest", "info", "--output=json", "--log-level-console=off"]
    said = json.loads(namespace.kubectl("exec", "postgres-0", "--container=backup", "--", *command))
    return said[0] if said else {"backup": [], "archive": []}


def wait_archived(namespace: Namespace) -> None:
    segment = in_database(namespace, "select pg_walfile_name(pg_current_wal_lsn())")

    def stored() -> bool:
        newest = {each["database"]["repo-key"]: each["max"] or "" for each in info(namespace)["archive"]}
        return all(newest.get(number, "") >= segment for number in (1, 2))

    wait_until(stored, 90, f"{segment} in both repositories")


def test_a_lost_volume_comes_back(namespace, say):
    wait_until(lambda: {each["database"]["repo-key"] for each in info(namespace)["backup"]} == {1, 2}, 180, "a backup in each repository")
    in_database(namespace, "create table kept as select generate_series(1, 1000) as number")
    wait_archived(namespace)
    namespace.kubectl("scale", "statefulset", "postgres", "--replicas=0")
    namespace.kubectl("wait", "pod", "postgres-0", "--for=delete", "--timeout=120s", seconds=130)
    namespace.kubectl("delete", "persistentvolumeclaim", "data-postgres-0", "--wait", seconds=120)
    done = run(REPOSITORY / "sayur", "k8s", "restore", namespace.name, "--repository=2", seconds=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "repository 2: restored in " in done.stdout
    assert "Every session is ended." in done.stdout
    assert in_database(namespace, "select count(*) from kept") == "1000"
    for name in ("user-service", "notification-service"):
        namespace.kubectl("rollout", "status", f"deployment/{name}", "--timeout=120s", seconds=130)
    say(next(line for line in done.stdout.splitlines() if line.startswith("repository 2")))


def test_a_copy_mails_nobody(namespace):
    wait_archived(namespace)
    done = run(REPOSITORY / "sayur", "k8s", "restore", namespace.name, "--replace", "--copy", seconds=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "it will mail nobody" in done.stdout
    said = namespace.kubectl("set", "env", "deployment/notification-service", "--list", "--resolve")
    assert "MAIL_RECIPIENTS=nobody" in said.splitlines()
    assert in_database(namespace, "select count(*) from kept") == "1000"


def recipients(namespace: Namespace) -> str:
    said = namespace.kubectl("set", "env", "deployment/notification-service", "--list", "--resolve").splitlines()
    return next(line for line in said if line.startswith("MAIL_RECIPIENTS="))


def replicas(namespace: Namespace) -> list[int]:
    return [namespace.get("deployment", name)["spec"]["replicas"] for name in ("user-service", "notification-service")]


def test_a_copy_that_fails_late_mails_nobody_and_is_said_again(namespace):
    variables = namespace.get("deployment", "notification-service")["spec"]["template"]["spec"]["containers"][0]["env"]
    (settings,) = [each["valueFrom"]["configMapKeyRef"]["name"] for each in variables if each["name"] == "MAIL_RECIPIENTS"]
    namespace.kubectl("patch", "configmap", settings, "--type=merge", "--patch", json.dumps({"data": {"mail.recipients": "everybody"}}))
    before, template = replicas(namespace), namespace.get("cronjob", "after-restore")
    assert all(before)
    namespace.kubectl("delete", "cronjob", "after-restore")
    done = run(REPOSITORY / "sayur", "k8s", "restore", namespace.name, "--replace", "--copy", seconds=600)
    assert done.returncode == 1
    assert "start no service" in done.stderr
    assert (recipients(namespace), replicas(namespace)) == ("MAIL_RECIPIENTS=nobody", [0, 0])
    template["metadata"] = {each: template["metadata"][each] for each in ("name", "labels") if each in template["metadata"]}
    namespace.kubectl("create", "--filename=-", stdin=json.dumps(template))
    done = run(REPOSITORY / "sayur", "k8s", "restore", namespace.name, "--replace", "--copy", seconds=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert replicas(namespace) == before
    assert in_database(namespace, "select count(*) from kept") == "1000"


def test_wrong_input_changes_nothing(namespace):
    before = namespace.get("pod", "postgres-0")["metadata"]["uid"]
    for options, said in ((["--to=yesterday"], "invalid moment value"), (["--to=2020-01-01T00:00:00Z", "--replace"], "the first moment")):
        done = run(REPOSITORY / "sayur", "k8s", "restore", namespace.name, *options, seconds=120)
        assert done.returncode == 1
        assert said in done.stdout + done.stderr
    assert namespace.get("pod", "postgres-0")["metadata"]["uid"] == before


def test_both_repositories_are_verified_by_the_weekly_job(namespace):
    namespace.kubectl("create", "job", "verify-now", "--from=cronjob/verify")
    wait_until(lambda: {"succeeded", "failed"} & namespace.get("job", "verify-now")["status"].keys(), 300, "the end of the Job")
    said = namespace.kubectl("logs", "job/verify-now")
    assert [line.split(":")[0] for line in said.splitlines()] == ["repository 1", "repository 2"]


def test_metrics_are_reached_by_the_name_that_prometheus_asks(namespace):
    script = "import urllib.request; print(urllib.request.urlopen('http://backup:9854/metrics', timeout=5).read().decode())"
    said = namespace.kubectl("exec", "postgres-0", "--container=backup", "--", "python3", "-c", script)
    assert 'sayur_backup_repository_usable{repository="2"} 1' in said
