# SPDX-License-Identifier: Apache-2.0
"""Migrations first, then the programs: what ./sayur k8s apply asks of a cluster, and when. The cluster is played, but for building the
overlay; tools/ci/deploy.sh has the same order from the same file (test_deploy_errors.py)."""

from __future__ import annotations

import os
import shutil

import pytest

from harness.packages import REPOSITORY

# Plays a cluster whose migrations are done after $POLLS looks, or have failed by then ($END), and writes down what it is given.
KUBECTL = """#!/usr/bin/env bash
[ "$1" != kustomize ] || exec {kubectl} "$@"
case "$*" in
  *apply*) echo "apply $(sed -n 's/^kind: //p' "${{@: -1}}" 2>/dev/null | sort -u | paste -sd ,)" ;;
  *) echo "$*" ;;
esac >>"$ASKED"
case "$*" in
  *"get job"*)
    [ "$(grep -c "get job" "$ASKED")" -gt "$POLLS" ] || END=
    [ -n "${{NO_JOBS-}}" ] || echo "user-service-migrate: $END"
    ;;
  *"logs"*"job=migrate"*) echo "migration 7 (half) of user-service failed and took no effect" ;;
esac
"""


@pytest.fixture
def apply(run, tmp_path):
    """apply(POLLS, END, code): what is said, and the commands of kubectl; of each apply the kinds that it was given."""
    program = tmp_path / "bin/kubectl"
    program.parent.mkdir()
    program.write_text(KUBECTL.format(kubectl=shutil.which("kubectl")))
    program.chmod(0o755)
    asked = tmp_path / "asked"

    def command(polls: int, end: str, code: int = 0, **variables: str) -> tuple[str, list[str]]:
        played = {"PATH": f"{program.parent}:{os.environ['PATH']}", "ASKED": str(asked), "POLLS": str(polls), "END": end}
        played |= {"KUBECONFIG": "/played", "ROLLOUT_SECONDS": "5"} | variables
        said = run("./sayur", "k8s", "apply", "staging", code=code, folder=REPOSITORY, **played)
        return said, asked.read_text().splitlines()

    return command


def programs_given(asked: list[str]) -> list[int]:
    """When Deployments were given, among all commands."""
    return [number for number, line in enumerate(asked) if line.startswith("apply") and "Deployment" in line]


def test_no_program_is_touched_before_the_migrations_are_done(apply):
    """Longer than ROLLOUT_SECONDS, for which a Deployment would not wait either."""
    _, asked = apply(8, "Complete")
    looks = [number for number, line in enumerate(asked) if "get job" in line]
    jobs = [number for number, line in enumerate(asked) if line.startswith("apply") and "Job" in line]
    assert len(looks) == 9
    (given,) = programs_given(asked)
    assert asked.index(next(line for line in asked if "delete job" in line)) < jobs[0] < looks[0] < looks[-1] < given
    kinds = asked[jobs[0]].removeprefix("apply ").split(",")
    assert {"ConfigMap", "Job"} <= set(kinds) and not {"Deployment", "HorizontalPodAutoscaler"} & set(kinds)


def test_a_migration_that_failed_leaves_the_programs_of_before(apply):
    said, asked = apply(0, "Failed", code=1)
    assert programs_given(asked) == []
    assert "migration 7 (half) of user-service failed and took no effect" in said
    assert said.rstrip().endswith("a migration failed; the lines above say what is missing")


def test_migrations_that_do_not_end(apply):
    said, asked = apply(99, "Complete", code=1, MIGRATION_SECONDS="2")
    assert programs_given(asked) == []
    assert said.rstrip().endswith("the migrations were not done within 2 s; the lines above say what is missing")


def test_seconds_that_are_none_are_refused(apply, run):
    assert "MIGRATION_SECONDS" in run("./sayur", "k8s", "apply", "staging", code=64, MIGRATION_SECONDS="soon")


def test_a_release_without_migrations_waits_for_none(apply):
    said, asked = apply(0, "Complete", NO_JOBS="yes")
    assert len([line for line in asked if "get job" in line]) == 1
    assert len(programs_given(asked)) == 1
    assert "there are no migrations to wait for" in said


def test_a_full_disk_is_found_before_the_cluster_is_given_half_a_release(apply, tmp_path):
    awk = tmp_path / "bin/awk"
    awk.write_text("#!/usr/bin/env bash\necho 'awk: write failure (No space left on device)' >&2\nexit 2\n")
    awk.chmod(0o755)
    said, asked = apply(0, "Complete", code=1)
    assert not any("Job" in line or "Deployment" in line for line in asked if line.startswith("apply"))
    assert "No space left on device" in said
