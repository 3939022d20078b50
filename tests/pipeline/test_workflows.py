# SPDX-License-Identifier: Apache-2.0
"""What every workflow keeps to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from harness.packages import REPOSITORY

FOLDER = REPOSITORY / ".github/workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"^\s*(?:- )?uses: ([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$")


def parsed(workflow: Path) -> dict:
    return yaml.safe_load(workflow.read_text())


def jobs_with_steps(workflow: Path) -> dict[str, dict]:
    return {name: job for name, job in parsed(workflow)["jobs"].items() if "steps" in job}


def triggers(workflow: Path) -> set[str]:
    return set(parsed(workflow)[True])  # YAML 1.1 reads `on` as a truth value


def test_the_workflows_are_these():
    assert {"ci.yml", "release.yml", "deploy.yml", "terraform.yml"} <= {workflow.name for workflow in WORKFLOWS}


def test_actionlint_and_shellcheck_have_nothing_to_say(run):
    run("shellcheck", "--version")
    assert run("actionlint", "-shellcheck", "shellcheck", *WORKFLOWS) == ""


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(workflow):
    for line in workflow.read_text().splitlines():
        if "uses:" in line and "uses: ./" not in line:
            assert PINNED.match(line), f"{workflow.name}: {line.strip()}"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_is_allowed_but_by_name(workflow):
    assert parsed(workflow)["permissions"] == {"contents": "read"}
    assert "secrets." not in workflow.read_text(), "no long-lived secret is kept in GitHub"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_no_job_runs_for_ever(workflow):
    assert [name for name, job in jobs_with_steps(workflow).items() if "timeout-minutes" not in job] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_what_starts_by_itself_does_not_pile_up(workflow):
    """A concurrency group, of the workflow or of each job that it leads to."""
    if triggers(workflow) == {"workflow_call"} or "concurrency" in parsed(workflow):
        return
    for job in parsed(workflow)["jobs"].values():
        called = REPOSITORY / job["uses"]
        assert all("concurrency" in each for each in jobs_with_steps(called).values()), f"{workflow.name} calls {called.name}"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_each_step_calls_a_script_that_runs_here_too(workflow):
    for job in jobs_with_steps(workflow).values():
        for step in job["steps"]:
            command = step.get("run", "./sayur")
            assert "\n" not in command
            script = command.split()[0]
            assert command == "${{ inputs.command }}" or (REPOSITORY / script).is_file(), command
            assert script in ("./sayur", "${{") or script.startswith("tools/ci/"), command


# Lanes that GitHub's runners cannot run.
NOT_IN_CI = {"k8s": "it wants the lab's cluster"}


def test_ci_runs_every_lane():
    lanes = {lane.stem for lane in (REPOSITORY / "tools/lanes").glob("*.sh")} - NOT_IN_CI.keys()
    text = (FOLDER / "ci.yml").read_text()
    assert [lane for lane in sorted(lanes) if not re.search(rf"lane: {lane}\b|sayur test {lane}\b", text)] == []


def test_no_script_is_there_for_nothing():
    text = "".join(workflow.read_text() for workflow in WORKFLOWS) + (REPOSITORY / "tools/ci/deploy.sh").read_text()
    assert [script.name for script in (REPOSITORY / "tools/ci").glob("*.sh") if f"tools/ci/{script.name}" not in text] == []


def test_each_script_explains_itself(run):
    for script in (REPOSITORY / "tools/ci").glob("*.sh"):
        assert run(script, "--help").startswith("Usage: tools/ci/") or "tools/ci/done.sh" in run(script, "--help")
