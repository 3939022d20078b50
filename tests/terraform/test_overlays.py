# SPDX-License-Identifier: Apache-2.0
"""The overlays for AWS take what Terraform tells them."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml
from workspace import ENVIRONMENTS

from harness.packages import REPOSITORY

PROPERTIES = """db.host=db.example
db.replica.hosts=db-replica.example
db.sslmode=verify-full
smtp.username=AKIA
admin.email=admin@elsewhere.example
aws.host=api.elsewhere.example
aws.region=eu-west-1
aws.data.cidr=10.9.64.0/18
"""


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


def test_the_host_and_the_region_are_those_of_terraform(built):
    host = "api.elsewhere.example"
    (gateway,) = of_kind(built, "Gateway")
    assert {listener["hostname"] for listener in gateway["spec"]["listeners"]} == {host}
    routes = of_kind(built, "HTTPRoute")
    assert len(routes) == 2
    assert all(route["spec"]["hostnames"] == [host] for route in routes)
    (store,) = of_kind(built, "SecretStore")
    assert store["spec"]["provider"]["aws"]["region"] == "eu-west-1"


def test_the_certificate_needs_neither_the_gateway_nor_a_secret_of_the_namespace(built):
    """cert-manager gives its own identity, by which it writes in Route 53, to the cluster's issuers only."""
    (certificate,) = of_kind(built, "Certificate")
    (gateway,) = of_kind(built, "Gateway")
    assert certificate["spec"]["dnsNames"] == ["api.elsewhere.example"]
    served = {each["name"] for listener in gateway["spec"]["listeners"] for each in listener.get("tls", {}).get("certificateRefs", [])}
    assert served == {certificate["spec"]["secretName"]}
    assert not [name for name in gateway["metadata"].get("annotations", {}) if name.startswith("cert-manager.io/")]
    assert of_kind(built, "Issuer") == []
    (issuer,) = yaml.safe_load_all((REPOSITORY / "deployments/terraform/cluster/issuer.yaml").read_text())
    reference = certificate["spec"]["issuerRef"]
    assert (issuer["kind"], issuer["metadata"]["name"]) == (reference["kind"], reference["name"])
    assert issuer["spec"]["acme"]["solvers"] == [{"dns01": {"route53": {}}}]


def test_the_pipeline_may_write_every_kind_of_its_overlay(built):
    """What EKS's own policy does not know has to be in cluster/deployer.yaml."""
    roles = [each for each in yaml.safe_load_all((REPOSITORY / "deployments/terraform/cluster/deployer.yaml").read_text()) if each]
    allowed = {
        (group, resource)
        for role in roles
        if role["kind"] == "ClusterRole"
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    kinds = {(each["apiVersion"].rpartition("/")[0], each["kind"].lower()) for each in built}
    custom = {(group, kind) for group, kind in kinds if ("." in group and not group.endswith(".k8s.io")) or group.startswith("gateway.")}
    assert len(custom) > 4
    assert {(group, re.sub("([^aeiou])y$", r"\1ie", kind) + "s") for group, kind in custom} <= allowed


def test_no_server_runs_in_the_cluster(built, request):
    assert of_kind(built, "StatefulSet") == of_kind(built, "Cluster") == of_kind(built, "RabbitmqCluster") == []
    traces = {"otel-collector"} if request.node.callspec.params["built"] == "production" else set()
    ours = {"gateway", "notification-service", "postgres-exporter", "user-service"}
    assert {each["metadata"]["name"] for each in of_kind(built, "Deployment")} == ours | traces


def test_secrets_are_read_by_pod_identity(built):
    (store,) = of_kind(built, "SecretStore")
    assert "auth" not in store["spec"]["provider"]["aws"]
    assert of_kind(built, "ServiceAccount", "secrets-reader") == []
