# SPDX-License-Identifier: Apache-2.0
"""Wherever PostgreSQL runs it logs no row, parameter or statement, and in UTC: docs/operations/logs.md."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from harness.packages import REPOSITORY
from harness.postgres import SETTINGS

QUIET = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
IN_UTC = QUIET | {"log_timezone": "UTC"}
ASKED_FOR = ("PUBLIC_BASE_URL", "ADMIN_EMAIL", "SMTP_HOST", "MAIL_FROM")


READS_OUR_FILE = ["postgres", "--config-file=/etc/postgresql/postgresql.conf"]


def test_in_our_file():
    text = (REPOSITORY / "deployments/data/postgresql/postgresql.conf").read_text()
    said = dict(re.findall(r"^(log_\w+) = '?(\w+)'?$", text, re.MULTILINE))
    assert {name: said.get(name) for name in IN_UTC} == IN_UTC


@pytest.mark.parametrize("also", [[], ["compose.prod.yml"], ["compose.backup.yml"], ["compose.prod.yml", "compose.backup.yml"]])
def test_compose_reads_it(also, monkeypatch):
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker compose, which merges the files, is not installed; it needs no engine for that")
    for name in ASKED_FOR:
        monkeypatch.setenv(name, "any")
    options = [word for file in ("docker-compose.yml", *also) for word in ("-f", file)]
    command = ["docker", "compose", *options, "config", "--format=json"]
    merged = json.loads(subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout)
    server = merged["services"]["postgres"]
    assert server["command"] == READS_OUR_FILE
    assert "/etc/postgresql/postgresql.conf" in {each["target"] for each in server["configs"]}


def test_kubernetes_reads_it():
    server = yaml.safe_load((REPOSITORY / "deployments/k8s/base/infrastructure/postgres/statefulset.yaml").read_text())
    (container,) = server["spec"]["template"]["spec"]["containers"]
    assert container["command"] == READS_OUR_FILE
    assert "/etc/postgresql" in {each["mountPath"] for each in container["volumeMounts"]}


def test_the_operator_is_told_the_same():
    (cluster, *_) = yaml.safe_load_all((REPOSITORY / "deployments/k8s/components/cloudnative-pg/cluster.yaml").read_text())
    parameters = cluster["spec"]["postgresql"]["parameters"]
    assert {name: parameters.get(name) for name in IN_UTC} == IN_UTC


def test_on_amazon():
    """RDS logs in UTC by itself, and lets nobody change that."""
    module = (REPOSITORY / "deployments/terraform/modules/database/main.tf").read_text()
    said = dict(re.findall(r"\"(log_\w+)\"\s*= \"(\w+)\"", module))
    assert {name: said.get(name) for name in QUIET} == QUIET


def test_in_tests():
    assert {name: SETTINGS[name] for name in IN_UTC} == IN_UTC
