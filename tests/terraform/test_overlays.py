# SPDX-License-Identifier: Apache-2.0
"""The overlays for AWS take what Terraform tells them."""

from __future__ import annotations

import shutil
import subprocess

import pytest
import yaml
from workspace import ENVIRONMENTS

from harness.packages import REPOSITORY

if not (REPOSITORY / "deployments/k8s/base").is_dir():
    pytest.skip("there is no deployments/k8s/base to build on", allow_module_level=True)

PROPERTIES = "db.host=db.example\ndb.sslmode=verify-full\nsmtp.username=AKIA\ndata.cidr=10.9.64.0/18\n"


@pytest.fixture(params=ENVIRONMENTS)
def built(request, tmp_path):
    shutil.copytree(REPOSITORY / "deployments", tmp_path / "deployments", ignore=shutil.ignore_patterns("terraform"))
    overlay = tmp_path / f"deployments/k8s/overlays/aws-{request.param}"
    (overlay / "aws/aws.properties").write_text(PROPERTIES)
    (overlay / "aws/rds-authority.pem").write_text("an authority\n")
    done = subprocess.run(["kubectl", "kustomize", overlay], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [found for found in yaml.safe_load_all(done.stdout) if found]


def of_kind(built, kind: str, begins: str = "") -> list[dict]:
    return [each for each in built if each["kind"] == kind and each["metadata"]["name"].startswith(begins)]


def test_the_services_are_told_of_their_servers(built):
    (configuration,) = of_kind(built, "ConfigMap", "app-config")
    assert dict(line.split("=") for line in PROPERTIES.split()).items() <= configuration["data"].items()
    (authority,) = of_kind(built, "ConfigMap", "rds-authority")
    for kind in ("Deployment", "Job"):
        for name in ("user-service", "notification-service"):
            (workload,) = of_kind(built, kind, name)
            specification = workload["spec"]["template"]["spec"]
            assert {"name": "DB_CA_FILE", "value": "/etc/micro-sayur/rds/authority.pem"} in specification["containers"][0]["env"]
            assert authority["metadata"]["name"] in [volume.get("configMap", {}).get("name") for volume in specification["volumes"]]


def test_only_the_data_subnets_are_reached(built):
    (policy,) = of_kind(built, "NetworkPolicy", "aws-servers")
    assert policy["spec"]["egress"][0]["to"] == [{"ipBlock": {"cidr": "10.9.64.0/18"}}]


def test_no_server_runs_in_the_cluster(built):
    assert of_kind(built, "StatefulSet") == of_kind(built, "Cluster") == of_kind(built, "RabbitmqCluster") == []
    assert {each["metadata"]["name"] for each in of_kind(built, "Deployment")} == {"gateway", "notification-service", "user-service"}


def test_secrets_are_read_by_pod_identity(built):
    (store,) = of_kind(built, "SecretStore")
    assert "auth" not in store["spec"]["provider"]["aws"]
    assert of_kind(built, "ServiceAccount", "secrets-reader") == []
