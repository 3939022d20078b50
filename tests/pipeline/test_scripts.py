# SPDX-License-Identifier: Apache-2.0
"""The small scripts that the workflows call."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from harness.packages import REPOSITORY

# docker, as far as it keeps layers: what it was called with stands in the file that would be their folder.
BUILDER = """#!/bin/sh
for word; do
  case $word in
    type=local,dest=*) folder=${word#type=local,dest=} && echo "$@" >"${folder%%,*}" ;;
  esac
done
"""


@pytest.fixture
def clone(tmp_path):
    """A clone with a commit that changes `paths`."""

    def make(*paths: str) -> Path:
        folder = tmp_path / "clone"
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(folder)]
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{REPOSITORY}", str(folder)], check=True)
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text("changed\n")
        subprocess.run([*git, "add", "--all"], check=True)
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "change"], check=True)
        (folder / "base").write_text(subprocess.run([*git, "rev-parse", "HEAD^"], check=True, capture_output=True, text=True).stdout)
        return folder

    return make


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("services/user-service/main.cpp", {"source", "data", "unit", "containers"}),
        ("deployments/terraform/modules/eks/main.tf", {"unit", "terraform"}),
        ("deployments/k8s/overlays/aws-staging/kustomization.yaml", {"unit", "manifests", "terraform", "pipeline"}),
        ("deployments/k8s/components/aws/networkpolicy.yaml", {"unit", "manifests", "terraform", "pipeline"}),
        ("deployments/k8s/base/namespace.yaml", {"unit", "manifests", "pipeline"}),
        ("deployments/compose/postgres-roles.sql", {"unit", "containers", "manifests", "terraform"}),
        ("deployments/gateway/envoy.yaml", {"unit", "containers", "manifests"}),
        ("deployments/observability/slo.yaml", {"unit", "containers", "manifests"}),
        ("deployments/data/pgbackrest/second.conf", {"data", "unit", "containers", "manifests", "terraform"}),
        ("compose.replicas.yml", {"unit", "containers", "manifests"}),
        ("services/user-service/migrations/postgres/001_x.sql", {"source", "data", "unit", "containers", "terraform"}),
        ("tools/aws/database_roles.sh", {"source", "data", "unit", "containers", "terraform", "pipeline"}),
        (".github/workflows/ci.yml", {"terraform", "pipeline"}),
        ("docs/architecture.md", {"unit"}),
        ("README.md", {"unit"}),
        ("LICENSE", set()),
        ("tools/ci/terraform.sh", {"source", "data", "unit", "containers", "terraform", "pipeline"}),
    ],
)
def test_only_what_changed_is_tested(run, clone, path, parts):
    folder = clone(path)
    said = run("tools/ci/changes.sh", (folder / "base").read_text().strip(), folder=folder)
    assert {line.partition("=")[0] for line in said.splitlines() if line.endswith("=true")} == parts


@pytest.mark.parametrize("base", ["0" * 40, ""])
def test_an_unknown_base_is_everything(run, clone, base):
    said = run("tools/ci/changes.sh", base, folder=clone())
    assert "everything counts as changed" in said
    assert said.count("=true") == 7


@pytest.mark.parametrize(
    ("results", "code"), [('["success", "skipped"]', 0), ('["success", "failure"]', 1), ('["cancelled"]', 1), ("[]", 1)]
)
def test_nothing_that_failed_is_done(run, results, code):
    run("tools/ci/done.sh", code=code, RESULTS=results)


@pytest.mark.parametrize("line", ["x" * 70000, *("x" * shift + "\n".join(["é" * 50] * 700) for shift in range(2))])
def test_a_plan_as_a_comment(run, tmp_path, line):
    """Cut where a line ends: what run() reads has to be UTF-8."""
    (tmp_path / "plan.txt").write_text(line + "\nPlan: 1 to add, 0 to change, 0 to destroy.\n")
    said = run("tools/ci/comment.sh", "7", "plan for staging", tmp_path / "plan.txt", "--print")
    assert said.startswith("<!-- plan for staging -->\n### plan for staging\n\nPlan: 1 to add")
    assert len(said.encode()) < 65536, "GitHub takes no longer comment"
    assert "cut after" in said


def test_a_short_plan_is_whole(run, tmp_path):
    (tmp_path / "plan.txt").write_text("one\ntwo é\n")
    assert "```\none\ntwo é\n\n```" in run("tools/ci/comment.sh", "7", "plan", tmp_path / "plan.txt", "--print")


def test_only_the_approved_plan_is_applied(run, tmp_path):
    plan, outputs = tmp_path / "plan.txt", tmp_path / "outputs"
    plan.write_text("Plan: 1 to add, 0 to change, 0 to destroy.\n")
    run("tools/ci/approved.sh", plan, GITHUB_OUTPUT=str(outputs))
    approved = outputs.read_text().strip().removeprefix("plan=")
    assert "is the approved one" in run("tools/ci/approved.sh", plan, approved)
    plan.write_text("Plan: 1 to add, 0 to change, 1 to destroy.\n")
    assert "no longer the one that was approved" in run("tools/ci/approved.sh", plan, approved, code=1)
    assert "no longer the one that was approved" in run("tools/ci/approved.sh", plan, "", code=1), "where nothing was approved"
    plan.write_text("")
    assert "nothing in it" in run("tools/ci/approved.sh", plan, approved, code=64)


def test_each_image_has_a_cache_of_its_own(run, clone, tmp_path):
    program = tmp_path / "bin/docker"
    program.parent.mkdir()
    program.write_text(BUILDER)
    program.chmod(0o755)
    cache = tmp_path / "cache"
    cache.mkdir()
    run("bash", "tools/images.sh", folder=clone(), PATH=f"{program.parent}:{os.environ['PATH']}", IMAGES_CACHE=str(cache))
    kept = {each.name: each.read_text() for each in cache.iterdir()}
    assert kept.keys() == {"user-service", "notification-service", "micro-sayur"}
    for name, build in kept.items():
        assert f"--tag micro-sayur/{name}:" in build and f"src={cache}/{name} " in build


def test_a_cluster_without_a_name(run):
    assert "it is the variable CLUSTER of the environment" in run("tools/ci/connect.sh", "", code=64)


def test_tools_are_pinned_and_installed(run):
    said = run("tools/ci/tools.sh", "shellcheck crane")
    assert said.count(".cache/tools/bin/") == 2
    assert "version: 0.11.0" in run(".cache/tools/bin/shellcheck", "--version")
    assert 'there is no tool "magic"' in run("tools/ci/tools.sh", "magic", code=64)


def test_ci_wants_only_tools_that_there_are():
    known = (REPOSITORY / "tools/ci/tools.sh").read_text()
    wanted = re.findall(r"tools: (.*)", (REPOSITORY / ".github/workflows/ci.yml").read_text())
    assert wanted
    assert [
        tool for line in wanted for tool in line.split() if not re.search(rf"^    {tool}\) echo |= {tool} \]", known, re.MULTILINE)
    ] == []
