# SPDX-License-Identifier: Apache-2.0
"""The root bootstrap on moto: the states and their copy, the registry, and what GitHub's jobs may do."""

from __future__ import annotations

import os

import pytest
from workspace import BACKUP_REGION, BUCKET, REGION, TERRAFORM

pytestmark = pytest.mark.timeout(600)


def test_bootstrap_is_applied_once(shared):
    shared.terraform("bootstrap", "plan", "-detailed-exitcode", "-input=false")


def test_the_state_of_bootstrap_moves_into_its_bucket(shared):
    """As docs/operations/aws.md has it."""
    backend = f'bucket = "{BUCKET}"\n    key = "bootstrap/terraform.tfstate"\n    region = "{REGION}"\n    use_lockfile = true'
    file = shared.folder / TERRAFORM / "bootstrap/backend.tf"
    file.write_text(f'terraform {{\n  backend "s3" {{\n    {backend}\n    use_path_style = true\n  }}\n}}\n')
    plugins = os.environ.get("TF_PLUGIN_DIR")
    shared.terraform("bootstrap", "init", "-migrate-state", "-force-copy", *([f"-plugin-dir={plugins}"] if plugins else []))
    assert "module.state.aws_s3_bucket.this" in shared.terraform("bootstrap", "state", "list")
    assert not (file.parent / "terraform.tfstate").exists() or (file.parent / "terraform.tfstate").stat().st_size == 0
    shared.terraform("bootstrap", "plan", "-detailed-exitcode", "-input=false")


def test_the_registry_takes_no_tag_twice(shared, client):
    repositories = client("ecr").describe_repositories()["repositories"]
    assert {each["repositoryName"] for each in repositories} == {
        "micro-sayur/user-service",
        "micro-sayur/notification-service",
        "micro-sayur/postgres",
    }
    assert {each["imageTagMutability"] for each in repositories} == {"IMMUTABLE"}
    assert all(each["imageScanningConfiguration"]["scanOnPush"] for each in repositories)


def test_only_named_jobs_of_one_repository_come_in(shared, client):
    roles = {role["RoleName"]: role for role in client("iam").list_roles()["Roles"] if role["RoleName"].startswith("micro-sayur-github-")}
    subjects = {
        name.removeprefix("micro-sayur-github-"): statement["Condition"]["StringLike"]["token.actions.githubusercontent.com:sub"]
        for name, role in roles.items()
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
    }
    assert subjects["release"] == "repo:owner/micro-sayur:ref:refs/tags/v*"
    assert subjects["apply-production"] == "repo:owner/micro-sayur:environment:production-infrastructure"
    assert all(
        subject.startswith("repo:owner/micro-sayur:")
        for each in subjects.values()
        for subject in ([each] if isinstance(each, str) else each)
    )


def test_the_states_have_a_copy_in_the_second_region(shared, client):
    rule = client("s3").get_bucket_replication(Bucket=BUCKET)["ReplicationConfiguration"]["Rules"][0]
    assert rule["Destination"]["Bucket"] == f"arn:aws:s3:::{BUCKET}-copy"
    s3 = client("s3", BACKUP_REGION)
    assert s3.get_bucket_location(Bucket=f"{BUCKET}-copy")["LocationConstraint"] == BACKUP_REGION
    for bucket in (BUCKET, f"{BUCKET}-copy"):
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def policy(client, role: str, name: str) -> list[dict]:
    document = client("iam").get_role_policy(RoleName=f"micro-sayur-github-{role}", PolicyName=name)["PolicyDocument"]
    return [
        statement | {key: listed(statement.get(key, [])) for key in ("Action", "NotAction", "Resource")}
        for statement in document["Statement"]
    ]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_who_applies_staging_has_no_way_to_production(shared, client):
    """Beside PowerUserAccess, which gives all of S3, KMS and Secrets Manager."""
    denied = [statement for statement in policy(client, "apply-staging", "identities") if statement["Effect"] == "Deny"]
    reached = {resource for statement in denied for resource in statement["Resource"]}
    assert {
        f"arn:aws:s3:::{BUCKET}",
        f"arn:aws:s3:::{BUCKET}/production/*",
        f"arn:aws:s3:::{BUCKET}/bootstrap/*",
        f"arn:aws:s3:::{BUCKET}-copy/*",
        "arn:aws:secretsmanager:*:123456789012:secret:micro-sayur/production/*",
    } <= reached
    assert f"arn:aws:s3:::{BUCKET}/staging/*" not in reached


def test_who_applies_makes_no_role_without_the_boundary(shared, client):
    statements = [statement for statement in policy(client, "apply-production", "identities") if statement["Effect"] == "Allow"]
    for action in ("iam:CreateRole", "iam:CreateUser", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"):
        (statement,) = (each for each in statements if action in each["Action"])
        boundary = statement["Condition"]["StringEquals"]["iam:PermissionsBoundary"]
        assert boundary == "arn:aws:iam::123456789012:policy/micro-sayur-boundary"
        assert all("/micro-sayur-production-" in resource for resource in statement["Resource"])
    found = client("iam").get_policy(PolicyArn=boundary)["Policy"]
    version = client("iam").get_policy_version(PolicyArn=boundary, VersionId=found["DefaultVersionId"])["PolicyVersion"]["Document"]
    denied = [statement for statement in version["Statement"] if statement["Effect"] == "Deny"]
    assert any("iam:CreateServiceLinkedRole" in statement.get("NotAction", []) for statement in denied)


def test_who_applies_finds_what_eks_looks_for(shared, client):
    linked = [
        each
        for each in policy(client, "apply-staging", "identities")
        if each["Resource"] == ["arn:aws:iam::123456789012:role/aws-service-role/*"]
    ]
    assert [set(each["Action"]) for each in linked] == [{"iam:CreateServiceLinkedRole", "iam:GetRole"}]
