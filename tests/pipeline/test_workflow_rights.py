# SPDX-License-Identifier: Apache-2.0
"""What the workflows may do, and for whom."""

from __future__ import annotations

import re

import pytest

from harness.packages import REPOSITORY
from pipeline.workflows import FOLDER, WORKFLOWS, jobs_with_steps, parsed


def test_a_deploy_asks_for_the_signature_of_the_workflow_that_signs():
    (signs,) = [workflow.name for workflow in WORKFLOWS if "tools/ci/sign.sh" in workflow.read_text()]
    identities = {
        workflow.name: re.findall(r"COSIGN_IDENTITY: \S+ github.repository }}/(.*)@", workflow.read_text()) for workflow in WORKFLOWS
    }
    assert {name: found for name, found in identities.items() if found} == {
        name: [f".github/workflows/{signs}"] for name in (signs, "deploy-environment.yml")
    }


def permissions(job: dict) -> set[str]:
    return {f"{name}: {may}" for name, may in job.get("permissions", {"contents": "read"}).items()}


def test_a_token_of_aws_is_only_where_it_is_needed():
    holders = {
        (workflow.name, name)
        for workflow in WORKFLOWS
        for name, job in jobs_with_steps(workflow).items()
        if "id-token: write" in permissions(job)
    }
    assert holders == {
        ("publish.yml", "publish"),
        ("deploy-environment.yml", "deploy"),
        ("terraform-run.yml", "run"),
        ("restore-drill.yml", "drill"),
    }
    # What a pull request runs, its plan by Terraform excepted, leads to none of them.
    assert "id-token" not in (FOLDER / "ci.yml").read_text() + (FOLDER / "images.yml").read_text()


def test_who_writes_to_pull_requests_holds_no_token_of_aws():
    writers = {
        (workflow.name, name)
        for workflow in WORKFLOWS
        for name, job in parsed(workflow)["jobs"].items()
        if "pull-requests: write" in permissions(job)
    }
    assert writers == {("terraform.yml", "comment")}
    assert "id-token: write" not in permissions(parsed(FOLDER / "terraform.yml")["jobs"]["comment"])


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_called_workflow_asks_for_no_more_than_it_is_given(workflow):
    """GitHub starts no run otherwise, whatever would be skipped in it."""
    for name, job in parsed(workflow)["jobs"].items():
        called = parsed(REPOSITORY / job["uses"])["jobs"] if "uses" in job else {}
        for each in called.values():
            assert permissions(each) <= permissions(job), f"{workflow.name}, {name}: {each}"


def test_what_is_applied_was_approved():
    jobs = parsed(FOLDER / "terraform.yml")["jobs"]
    applied = {name: job for name, job in jobs.items() if job.get("with", {}).get("action") == "apply"}
    assert applied.keys() == {"staging", "production"}
    for name, job in applied.items():
        assert job["needs"] == f"plan-{name}"
        assert job["with"]["approved"] == f"${{{{ needs.plan-{name}.outputs.plan }}}}"
    steps = jobs_with_steps(FOLDER / "terraform-run.yml")["run"]["steps"]
    commands = [step["run"].split()[0] for step in steps if "apply" in step.get("if", "") and "run" in step]
    assert commands == ["tools/ci/approved.sh", "tools/ci/terraform.sh"]
    assert "-auto-approve" not in "".join(step.get("run", "") for step in steps)


def test_keys_of_aws_live_as_long_as_the_job_that_applies():
    job = jobs_with_steps(FOLDER / "terraform-run.yml")["run"]
    (step,) = [each for each in job["steps"] if "configure-aws-credentials" in each.get("uses", "")]
    seconds = [int(word) for word in re.findall(r"\d+", step["with"]["role-duration-seconds"])]
    minutes = [int(word) for word in re.findall(r"\d+", job["timeout-minutes"])]
    assert all(limit * 60 < length for limit, length in zip(minutes, seconds, strict=True))
    allowed = re.search(
        r"max_session_duration = .* \? (\d+) : (\d+)", (REPOSITORY / "deployments/terraform/bootstrap/github.tf").read_text()
    )
    assert [int(word) for word in allowed.groups()] == seconds


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_is_allowed_but_by_name(workflow):
    assert parsed(workflow)["permissions"] == {"contents": "read"}
    assert "secrets." not in workflow.read_text(), "no long-lived secret is kept in GitHub"


def test_a_deploy_runs_the_scripts_of_a_protected_tag():
    """Whoever may start it by hand names the version: a branch would bring scripts that nobody has looked at."""
    job = jobs_with_steps(FOLDER / "deploy-environment.yml")["deploy"]
    assert job["if"] == "startsWith(inputs.version, 'v')"
    (checkout,) = [step for step in job["steps"] if "actions/checkout@" in step.get("uses", "")]
    assert checkout["with"]["ref"] == "refs/tags/${{ inputs.version }}"
