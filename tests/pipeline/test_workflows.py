# SPDX-License-Identifier: Apache-2.0
"""What every workflow keeps to."""

from __future__ import annotations

import re

import pytest

from harness.packages import REPOSITORY
from pipeline.workflows import FOLDER, WORKFLOWS, jobs_with_steps, parsed, triggers


def test_the_workflows_are_these():
    assert {"ci.yml", "release.yml", "deploy.yml", "terraform.yml"} <= {workflow.name for workflow in WORKFLOWS}


def test_actionlint_and_shellcheck_have_nothing_to_say(run):
    run("shellcheck", "--version")
    assert run("actionlint", "-shellcheck", "shellcheck", *WORKFLOWS) == ""


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_runner_is_named_by_what_is_known_before_its_job(workflow):
    """The variables of an environment are not: there `vars` has those of the repository alone."""
    for job in jobs_with_steps(workflow).values():
        assert "environment" not in job or "vars." not in job["runs-on"]


def test_a_check_that_is_required_always_reports():
    """What is filtered by paths at its trigger stays pending where it does not start, and nothing could be merged."""
    assert not any((parsed(FOLDER / "ci.yml")[True][event] or {}).keys() & {"paths", "paths-ignore"} for event in ("push", "pull_request"))
    jobs = parsed(FOLDER / "ci.yml")["jobs"]
    assert jobs["done"]["needs"] == [name for name in jobs if name != "done"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_no_job_runs_for_ever(workflow):
    assert [name for name, job in jobs_with_steps(workflow).items() if "timeout-minutes" not in job] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_what_starts_by_itself_does_not_pile_up(workflow):
    """A concurrency group, of the workflow or of each job that it leads to."""
    if triggers(workflow) == {"workflow_call"} or "concurrency" in parsed(workflow):
        return
    for job in parsed(workflow)["jobs"].values():
        run = jobs_with_steps(REPOSITORY / job["uses"]).values() if "uses" in job else [job]
        assert all("concurrency" in each for each in run), f"{workflow.name}: {job}"


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
NOT_IN_CI = {"k8s": "it wants the lab's cluster", "scale": "it compares times, which others on the same machine blur"}


def test_ci_runs_every_lane():
    lanes = {lane.stem for lane in (REPOSITORY / "tools/lanes").glob("*.sh")} - NOT_IN_CI.keys()
    text = (FOLDER / "ci.yml").read_text()
    assert [lane for lane in sorted(lanes) if not re.search(rf"lane: {lane}\b|sayur test {lane}\b", text)] == []


def test_on_main_every_lane_runs():
    """A release asks whether a commit of main is green: what failed before it must not be left out of that commit's run."""
    (step,) = [each for each in parsed(FOLDER / "ci.yml")["jobs"]["changes"]["steps"] if "run" in each]
    assert step["env"] == {"BASE": "${{ github.event.pull_request.base.sha }}"}
    assert step["run"] == 'tools/ci/changes.sh "$BASE"'


def test_no_script_is_there_for_nothing():
    text = "".join(workflow.read_text() for workflow in WORKFLOWS) + (REPOSITORY / "tools/ci/deploy.sh").read_text()
    assert [script.name for script in (REPOSITORY / "tools/ci").glob("*.sh") if f"tools/ci/{script.name}" not in text] == []


def test_each_script_explains_itself(run):
    for script in (REPOSITORY / "tools/ci").glob("*.sh"):
        assert run(script, "--help").startswith("Usage: tools/ci/") or "tools/ci/done.sh" in run(script, "--help")


def test_every_place_has_the_same_images_of_a_release():
    """What is built, pushed, attested, and has a repository in the registry."""
    (released,) = re.findall(r"RELEASED=\((.*?)\)", (REPOSITORY / "tools/images/names.sh").read_text())
    (built,) = re.findall(r"run: ./sayur images (.*)", (FOLDER / "images.yml").read_text())
    assert set(built.split()) == {*released.split(), "micro-sayur"}
    attested = re.findall(
        r"subject-name: \S+ vars.REGISTRY }}/micro-sayur/(\S+)\n +subject-digest: \S+ steps.push.outputs.(\S+) }}",
        text := (FOLDER / "publish.yml").read_text(),
    )
    assert attested == [(name, name) for name in released.split()]
    assert text.count("attest-build-provenance@") == len(attested)
    (repositories,) = re.findall(r"repositories += \[(.*)\]", (REPOSITORY / "deployments/terraform/bootstrap/main.tf").read_text())
    assert re.findall(r'"micro-sayur/(.*?)"', repositories) == released.split()
