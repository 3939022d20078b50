# SPDX-License-Identifier: Apache-2.0
"""The jobs themselves, by act on this machine, as far as the foreign actions allow: those that only work at GitHub are stood in for by
one that does nothing, and checkout of a release by a clone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.packages import REPOSITORY

FOLDER = REPOSITORY / ".github/workflows"
VERSION = (REPOSITORY / "VERSION").read_text().strip()
USED = re.compile(r"uses: (([\w-]+/[\w-]+)[\w/-]*@[0-9a-f]{40})")
NOTHING = "name: nothing\nruns:\n  using: composite\n  steps: [{ shell: bash, run: 'true' }]\n"
CLONE = f"name: clone\nruns:\n  using: composite\n  steps: [{{ shell: bash, run: 'git clone --quiet --depth 1 file://{REPOSITORY} .' }}]\n"


@pytest.fixture
def act(run, tmp_path):
    """act(WORKFLOW, EVENT, content, OPTION...): runs a workflow as if that had happened."""

    def command(workflow: str, event: str, content: dict, *options: str, code: int = 0) -> str:
        (tmp_path / "event.json").write_text(json.dumps(content))
        where = ["-W", f".github/workflows/{workflow}", "-e", str(tmp_path / "event.json")]
        return run("act", event, "--pull=false", "-P", "ubuntu-latest=-self-hosted", *where, *options, code=code)

    return command


@pytest.fixture
def without_foreign_actions(tmp_path) -> list[str]:
    options = []
    for action in sorted({match[1] for file in FOLDER.glob("*.yml") for match in USED.finditer(file.read_text())}):
        folder = tmp_path / action.partition("@")[0].replace("/", "-")
        folder.mkdir(exist_ok=True)
        (folder / "action.yml").write_text(CLONE if action.startswith("actions/checkout@") else NOTHING)
        options += ["--local-repository", f"{action}={folder}"]
    return options


@pytest.mark.parametrize("workflow", sorted(path.name for path in FOLDER.glob("*.yml")))
def test_every_workflow_is_understood(run, workflow):
    assert "Stage" in run("act", "--list", "-W", f".github/workflows/{workflow}")


def test_ci_says_what_changed(act):
    said = act("ci.yml", "push", {}, "-j", "changes")
    assert re.search(r"::set-output:: pipeline=(true|false)", said)
    assert "Job succeeded" in said


def test_a_release_of_another_version_does_not_begin(act):
    said = act("release.yml", "push", {"ref": "refs/tags/v0.0.1"}, code=1)
    assert f"the tag is v0.0.1, but VERSION says {VERSION}" in said
    assert "Run Main ./sayur images" not in said, "the jobs that need the first one did not begin"


def test_a_deploy_finds_the_digests_and_ends_where_the_cluster_is_not(act, pushed, without_foreign_actions):
    """Both jobs of deploy.yml and the workflow that they share; production does not begin after staging has failed."""
    names = {"REGISTRY": pushed.registry.address, "AWS_REGION": "ap-southeast-3", "CLUSTER": "absent", "URL": "https://api.example"}
    variables = [word for name, value in names.items() for word in ("--var", f"{name}={value}")]
    event = {"inputs": {"version": f"v{VERSION}"}}
    said = act("deploy.yml", "workflow_dispatch", event, *variables, *without_foreign_actions, code=1)
    for line in pushed.lines():
        assert line in said
    assert "there is no cluster absent, or this role may not see it" in said or "aws is needed" in said
    assert "Run Main tools/ci/deploy.sh" not in said
    assert "[production/" not in said


def test_the_weekly_drill_deletes_its_instance_even_where_there_is_no_staging(act, without_foreign_actions):
    variables = ("--var", "AWS_DRILL_ROLE=any", "--var", "AWS_REGION=ap-southeast-3", "--var", "DRILL_SECURITY_GROUP=sg-1")
    nobody = ("--env", "AWS_EC2_METADATA_DISABLED=true")
    said = act("restore-drill.yml", "workflow_dispatch", {}, *variables, *nobody, *without_foreign_actions, code=1)
    assert "RDS does not say what micro-sayur-staging-drill-weekly is" in said or "aws is needed" in said
    assert 'Failure - Main tools/ci/restore_drill.sh run "$NAME"' in said
    assert 'Run Main tools/ci/restore_drill.sh delete "$NAME"' in said


def test_foreign_actions_are_all_stood_in_for(without_foreign_actions):
    assert len(without_foreign_actions) / 2 >= 10
    assert all(Path(option.partition("=")[2], "action.yml").is_file() for option in without_foreign_actions[1::2])
