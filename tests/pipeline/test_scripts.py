# SPDX-License-Identifier: Apache-2.0
"""The small scripts that the workflows call."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.packages import REPOSITORY

VERSION = (REPOSITORY / "VERSION").read_text().strip()


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
        ("services/user-service/main.cpp", {"source", "containers"}),
        ("deployments/terraform/modules/eks/main.tf", {"terraform"}),
        ("deployments/gateway/envoy.yaml", {"containers"}),
        (".github/workflows/ci.yml", {"pipeline"}),
        ("docs/architecture.md", set()),
        ("tools/ci/terraform.sh", {"source", "containers", "terraform", "pipeline"}),
    ],
)
def test_only_what_changed_is_tested(run, clone, path, parts):
    folder = clone(path)
    said = run("tools/ci/changes.sh", (folder / "base").read_text().strip(), folder=folder)
    assert {line.partition("=")[0] for line in said.splitlines() if line.endswith("=true")} == parts


def test_an_unknown_base_is_everything(run, clone):
    said = run("tools/ci/changes.sh", "0" * 40, folder=clone())
    assert "everything counts as changed" in said
    assert said.count("=true") == 4


@pytest.mark.parametrize(
    ("results", "code"), [('["success", "skipped"]', 0), ('["success", "failure"]', 1), ('["cancelled"]', 1), ("[]", 1)]
)
def test_nothing_that_failed_is_done(run, results, code):
    run("tools/ci/done.sh", code=code, RESULTS=results)


def test_a_tag_that_is_not_the_version(run):
    assert f"the tag is v0.0.1, but VERSION says {VERSION}" in run("tools/ci/version.sh", "v0.0.1", code=1)


def test_release_notes(run, clone, tmp_path):
    folder = clone("x")
    changelog = folder / "CHANGELOG.md"
    changelog.write_text(
        changelog.read_text().replace("## [Unreleased]", f"## [Unreleased]\n\n## [{VERSION}]\n\nSomething new.\n\n## [0.1.0]\n\nOlder.")
    )
    run("tools/ci/version.sh", f"v{VERSION}", folder=folder)
    (tmp_path / "images.txt").write_text("r/micro-sayur/user-service@sha256:12\n")
    said = run("tools/ci/notes.sh", f"v{VERSION}", tmp_path, "--print", folder=folder)
    assert "Something new." in said
    assert "r/micro-sayur/user-service@sha256:12" in said
    assert "Older." not in said


def test_a_plan_as_a_comment(run, tmp_path):
    (tmp_path / "plan.txt").write_text("x" * 70000 + "\nPlan: 1 to add, 0 to change, 0 to destroy.\n")
    said = run("tools/ci/comment.sh", "7", "plan for staging", tmp_path / "plan.txt", "--print")
    assert said.startswith("<!-- plan for staging -->\n### plan for staging\n\nPlan: 1 to add")
    assert len(said) < 65536, "GitHub takes no longer comment"
    assert "cut after" in said


def test_a_cluster_without_a_name(run):
    assert "it is the variable CLUSTER of the environment" in run("tools/ci/connect.sh", "", code=64)


def test_tools_are_pinned_and_installed(run):
    said = run("tools/ci/tools.sh", "shellcheck crane")
    assert said.count(".cache/tools/bin/") == 2
    assert "version: 0.11.0" in run(".cache/tools/bin/shellcheck", "--version")
    assert 'there is no tool "magic"' in run("tools/ci/tools.sh", "magic", code=64)
