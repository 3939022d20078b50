# SPDX-License-Identifier: Apache-2.0
"""backup_restore.py after restores: which timeline it follows, and from which backup."""

from __future__ import annotations

import json

import pytest

from data.damage import damaged
from data.moments import archive, restored_rows, settle_moment
from harness.client import wait_until

pytestmark = pytest.mark.timeout(300)


def labels(cluster, repository: int) -> list[str]:
    """Of its backups."""
    (known,) = json.loads(cluster.backups.run(cluster.database, "info", "--output=json", "--log-level-console=off"))
    return [each["label"] for each in known["backup"] if each["database"]["repo-key"] == repository]


def back_up(cluster, *repositories: int) -> None:
    for number in repositories:
        cluster.backups.run(cluster.database, "backup", f"--repo={number}", "--type=incr")


def test_who_went_back_too_far_can_go_to_a_later_moment(cluster_to_restore, say):
    cluster = cluster_to_restore
    cluster.write()
    early_rows, early = cluster.rows(), settle_moment(cluster)
    back_up(cluster, 1, 2)  # of what the restore will leave
    for _ in range(5):
        cluster.write()
    late_rows, late = cluster.rows(), settle_moment(cluster)
    archive(cluster)
    assert restored_rows(cluster, "--replace", f"--to={early}") == early_rows
    cluster.write()
    archive(cluster)  # and the timeline's history, by which it is known when that began
    newest_rows, newest = cluster.rows(), settle_moment(cluster)
    archive(cluster)
    for repository in (1, 2):
        assert restored_rows(cluster, "--replace", f"--to={late}", f"--repository={repository}") == late_rows, (
            "of the timeline that was left"
        )
        cluster.write()
        archive(cluster)
        assert restored_rows(cluster, "--replace", f"--to={newest}", f"--repository={repository}") == newest_rows
        cluster.write()
        archive(cluster)
    say(f"--to: {early_rows} rows, from there to {late_rows} that were left, and to {newest_rows} of afterwards, from each repository")


@pytest.fixture
def cluster_with_job(cluster_to_restore):
    """Which a test may stop."""
    yield cluster_to_restore
    if cluster_to_restore.job.poll() is not None:
        cluster_to_restore.start_job()


def test_a_backup_of_what_was_left_serves_that_alone(cluster_with_job, say):
    """The newest one is, until the job has made another; it makes one at once."""
    cluster = cluster_with_job
    cluster.write()
    early_rows, early = cluster.rows(), settle_moment(cluster)
    back_up(cluster, 1, 2)
    cluster.stop_job()
    cluster.write()
    left_rows, left = cluster.rows(), settle_moment(cluster)
    archive(cluster, 1)
    assert restored_rows(cluster, "--replace", f"--to={early}") == early_rows
    cluster.write()
    archive(cluster, 1)
    after = settle_moment(cluster)
    archive(cluster, 1)
    assert "repository 1: restored" in cluster.verify().stdout
    assert restored_rows(cluster, "--replace") == early_rows + 2, "of the newest timeline"
    assert restored_rows(cluster, "--replace", f"--to={after}") == early_rows + 1
    before = {number: labels(cluster, number) for number in (1, 2)}
    cluster.start_job()
    for number in (1, 2):
        wait_until(lambda n=number: labels(cluster, n) != before[n], 60, f"a backup of the new timeline in repository {number}")
    assert restored_rows(cluster, "--replace", f"--to={left}") == left_rows, "of the timeline that was left"
    say(f"--to: {early_rows} rows; from there the latest, {early_rows + 2}; a moment of before, {left_rows}")


def test_damage_is_found_on_a_timeline_that_was_left(cluster_to_restore, say):
    """The backups of the next one begin with segments of lower numbers."""
    cluster = cluster_to_restore
    cluster.write()
    early_rows, early = cluster.rows(), settle_moment(cluster)
    for _ in range(4):
        cluster.write()
        archive(cluster)
    late_rows, late = cluster.rows(), settle_moment(cluster)
    last = archive(cluster)
    before = labels(cluster, 1)
    assert restored_rows(cluster, "--replace", f"--to={early}") == early_rows
    if labels(cluster, 1) == before:
        back_up(cluster, 1)
    cluster.write()
    archive(cluster)
    files = {file.name[:24]: file for file in cluster.segment_files(1)}
    cluster.database.stop()
    with damaged(files[f"{last[:16]}{int(last[16:], 16) - 1:08X}"]):
        done = cluster.restore("--replace", f"--to={late}")
        say(f"refused: {done.stderr.strip()}")
        assert done.returncode == 1
        assert "has 1 segments of WAL that are damaged" in done.stderr
    assert restored_rows(cluster, "--replace", f"--to={late}", is_stopped=True) == late_rows


def test_what_only_one_repository_had_is_not_given_for_less(cluster_with_job, say):
    """A restore to the latest moment, from the one that lagged, has left it as well."""
    cluster = cluster_with_job
    cluster.write()
    rows, before = cluster.rows(), settle_moment(cluster)
    archive(cluster)
    cluster.stop_job()
    cluster.write()
    lost = settle_moment(cluster)
    archive(cluster, 1)
    restored = restored_rows(cluster, "--replace", "--repository=2")
    cluster.write()
    archive(cluster, 1)
    after_rows, after = cluster.rows(), settle_moment(cluster)
    archive(cluster, 1)
    cluster.database.stop()
    done = cluster.restore("--replace", f"--to={lost}")
    say(f"refused: {done.stderr.strip()}")
    assert done.returncode == 1
    assert "on a timeline that was left" in done.stderr
    assert restored_rows(cluster, "--replace", f"--to={after}", is_stopped=True) == after_rows
    cluster.write()
    archive(cluster, 1)
    assert restored_rows(cluster, "--replace", f"--to={before}") == rows
    assert restored < after_rows
