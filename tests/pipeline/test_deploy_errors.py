# SPDX-License-Identifier: Apache-2.0
"""What tools/ci/deploy.sh does when the cluster answers one question and fails at another. kubectl is played, but for building the
overlay: which answer fails can be chosen. Rollouts on a real cluster are in test_rollouts.py."""

from __future__ import annotations

import os
import shutil

import pytest

from pipeline.small_overlay import copy_with_overlay

# Plays a cluster on which both services run; FAILING is a pattern of the command that fails, SAYS what that says, JOBS the migrations.
KUBECTL = """#!/usr/bin/env bash
[ "$1" != kustomize ] || exec {kubectl} "$@"
echo "$*" >>"$ASKED"
case "$*" in
  $FAILING) echo "$SAYS" >&2; exit 1 ;;
  *"get namespace"*) [ -n "${{ABSENT:-}}" ] || echo namespace/small ;;
  *"get deployments"*) printf 'user-service 3\\nnotification-service 2\\n' ;;
  *"get job"*) printf '%b' "$JOBS" ;;
esac
"""
DONE = "user-service-migrate: SuccessCriteriaMet Complete\\nnotification-service-migrate: SuccessCriteriaMet Complete\\n"
CHANGES = ("delete", "rollout undo", "apply ")


@pytest.fixture
def deploy(run, pushed, tmp_path):
    """deploy(FAILING, SAYS, code): what deploy.sh says, and the commands of kubectl that it ran."""
    folder = copy_with_overlay(tmp_path / "copy")
    program = tmp_path / "bin/kubectl"
    program.parent.mkdir()
    program.write_text(KUBECTL.format(kubectl=shutil.which("kubectl")))
    program.chmod(0o755)
    asked = tmp_path / "asked"

    def command(failing: str = "", says: str = "", *, code: int = 1, jobs: str = DONE, **variables: str) -> tuple[str, list[str]]:
        played = {"PATH": f"{program.parent}:{os.environ['PATH']}", "ASKED": str(asked), "FAILING": failing, "SAYS": says, "JOBS": jobs}
        played["COSIGN_KEY"] = str(pushed.public)
        asked.unlink(missing_ok=True)
        said = run("tools/ci/deploy.sh", "small", pushed.images, folder=folder, code=code, **played | variables)
        return said, asked.read_text().splitlines()

    return command


def changes(asked: list[str]) -> list[str]:
    return [line for line in asked if any(verb in line for verb in CHANGES) and "--dry-run" not in line]


def test_all_goes_well(deploy):
    said, asked = deploy(code=0)
    assert "deployed:" in said
    deleted, first, applied = changes(asked)
    assert "delete job --selector job=migrate" in deleted
    assert first.startswith("apply ") and first.endswith("manifests.first"), "what the migrations need"
    assert applied.startswith("apply ") and applied.endswith("manifests")
    looked = next(number for number, line in enumerate(asked) if "get job" in line)
    assert asked.index(first) < looked < asked.index(applied)


def test_a_namespace_that_is_not_there_yet(deploy):
    said, asked = deploy(code=0, ABSENT="yes")
    assert "deployed:" in said
    assert not any("--dry-run" in line for line in asked)


@pytest.mark.parametrize(
    ("failing", "sentence"),
    [
        ("*get?--raw*", "the cluster does not answer (no)"),
        ("*get?namespace*", "whether there is a namespace small cannot be told (no)"),
        ("*--dry-run=server*", "the cluster refuses deployments/k8s/overlays/small"),
        ("*get?deployments*", "what runs now, to which an undo would go back, cannot be read (no)"),
    ],
)
def test_an_error_before_anything_changes(deploy, failing, sentence):
    said, asked = deploy(failing, "no")
    assert said.rstrip().endswith(f"{sentence}; nothing was changed")
    assert changes(asked) == []


@pytest.mark.parametrize(
    ("failing", "sentence"),
    [
        ("*delete?job*", "the Jobs of the migrations before could not be deleted"),
        ("apply*manifests.first", "the cluster did not take what the migrations need"),
        ("apply*manifests", "the cluster did not take the whole release"),
        ("*get?job*", "the state of the migrations could not be read"),
    ],
)
def test_what_failed_is_said(deploy, failing, sentence):
    said, _ = deploy(failing, "no")
    assert "no\n" in said
    assert said.rstrip().endswith(f"{sentence}; undone, what ran before runs again")


def test_a_migration_that_failed_is_not_waited_for(deploy):
    jobs = DONE.replace("notification-service-migrate: SuccessCriteriaMet Complete", "notification-service-migrate: FailureTarget Failed")
    said, _ = deploy(jobs=jobs)
    assert "notification-service-migrate: FailureTarget Failed" in said
    assert said.rstrip().endswith("a migration failed; undone, what ran before runs again")


def test_migrations_that_do_not_end(deploy):
    said, _ = deploy(jobs=DONE.replace("SuccessCriteriaMet Complete", ""), MIGRATION_SECONDS="2")
    assert said.rstrip().endswith("the migrations were not done within 2 s; undone, what ran before runs again")


def test_the_first_release_has_nothing_to_go_back_to(deploy):
    said, asked = deploy("apply*manifests", "no", ABSENT="yes")
    assert said.rstrip().endswith("the cluster did not take the whole release; there was nothing before it to go back to")
    assert not any("rollout undo" in line for line in asked)


def test_an_undo_that_fails_too(deploy):
    said, _ = deploy("*rollout?status*", "no")
    assert "going back failed as well: look at namespace small" in said
