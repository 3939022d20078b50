# SPDX-License-Identifier: Apache-2.0
"""backup_restore.py: what it puts in place of what is there, and up to which moment."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from data.damage import changed
from data.moments import archive, moment, restored_rows
from data.small_disk import moved_to_small_disk, only_root, used
from harness.client import wait_until
from harness.pgbackrest import Copy

pytestmark = pytest.mark.timeout(300)
LARGE_BYTES, SMALL_BYTES = 256 << 20, 20 << 20  # a restore needs more than the one and, with the WAL that is replayed, less than both


@pytest.mark.parametrize("repository", [1, 2])
def test_what_is_there_is_replaced(cluster_to_restore, repository):
    cluster = cluster_to_restore
    cluster.write()
    rows = cluster.rows()
    archive(cluster)
    cluster.database.run_sql("drop table if exists lost; create table lost ()")
    mode = cluster.database.cluster.stat().st_mode
    (cluster.database.cluster / "of-before").touch()
    assert restored_rows(cluster, "--replace", f"--repository={repository}") == rows
    assert not (cluster.database.cluster / "of-before").exists()
    assert list(cluster.database.cluster.glob("pgsql_tmp*")) == []
    assert cluster.database.cluster.stat().st_mode == mode
    archive(cluster)


@only_root
def test_without_room_for_both_the_old_goes_first(cluster_to_restore, say):
    cluster = cluster_to_restore
    cluster.write()
    rows = cluster.rows()
    archive(cluster)
    cluster.database.stop()
    (cluster.database.cluster / "large").write_bytes(bytes(LARGE_BYTES))
    with moved_to_small_disk(cluster.database.cluster, f"size={used(cluster.database.cluster) + SMALL_BYTES}"):
        done = cluster.restore("--replace")
        assert done.returncode == 1
        assert "say --discard" in done.stderr
        done = cluster.restore("--discard")
        assert done.returncode == 0, done.stderr
        say(f"in place, on a disk without room for both: {done.stdout.strip()}")
        cluster.database.start()
        try:
            cluster.database.wait_promoted()
            assert cluster.rows() == rows
        finally:
            cluster.database.stop()


def test_a_moment_after_the_last_commit_is_none(cluster_to_restore, say):
    """PostgreSQL would end with "recovery ended before configured recovery target was reached", when what was there is gone."""
    cluster = cluster_to_restore
    cluster.write()
    rows, before = cluster.rows(), moment(cluster)
    time.sleep(1)  # the next commit is certainly later
    cluster.write()
    last = moment(cluster)
    archive(cluster)
    for options in (["--check"], []):
        if not options:
            cluster.database.stop()
        for to, said in (
            (last, "the last moment that it can be restored to is before"),
            (last + timedelta(seconds=20), " of after "),
        ):
            wait_until(lambda to=to: datetime.now(UTC) > to, 30, "a moment that has passed")
            done = cluster.restore("--replace", f"--to={to.isoformat()}", *options)
            say(f"refused: {done.stderr.strip()}")
            assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
            assert said in done.stderr
    cluster.database.start()
    assert cluster.rows() == rows + 1, "what was there is there"
    assert restored_rows(cluster, "--replace", f"--to={before.isoformat()}") == rows


def test_a_disk_that_is_lost_is_told_of_the_last_moment_as_well(cluster_to_restore):
    cluster = cluster_to_restore
    cluster.write()
    last = moment(cluster)
    archive(cluster)
    cluster.database.stop()
    aside = cluster.database.cluster.with_name("lost")
    cluster.database.cluster.rename(aside)
    try:
        done = cluster.restore(f"--to={last.isoformat()}")
        assert done.returncode == 1
        assert "the last moment that it can be restored to is before" in done.stderr
        assert not list(cluster.database.cluster.iterdir()), "nothing is there that a server would take for a database"
        cluster.database.cluster.rmdir()
    finally:
        aside.rename(cluster.database.cluster)


def test_a_gap_counts_where_the_moment_needs_it(cluster_to_restore, say):
    cluster = cluster_to_restore
    cluster.backups.run(cluster.database, "backup", "--repo=1", "--type=full")
    needed = archive(cluster)
    cluster.write()
    rows, to = cluster.rows(), moment(cluster)
    time.sleep(1)
    cluster.write()
    archive(cluster)
    time.sleep(1)  # the next backup begins in a later second
    cluster.backups.run(cluster.database, "backup", "--repo=1", "--type=full")
    later = archive(cluster)
    cluster.write()
    archive(cluster)
    cluster.database.stop()
    files = {file.name[:24]: file for file in cluster.segment_files(1)}
    with changed(files[needed], None):
        done = cluster.restore("--replace", f"--to={to.isoformat()}")
        say(f"refused: {done.stderr.strip()}")
        assert done.returncode == 1
        assert f"lacks 1 segments of WAL, the first of them {needed}" in done.stderr
        assert cluster.restore("--replace", "--check").returncode == 0, "the latest moment needs it no more"
    with changed(files[later], None):
        assert cluster.restore("--replace", "--check").returncode == 1
        assert restored_rows(cluster, "--replace", f"--to={to.isoformat()}", is_stopped=True) == rows


def timelines(cluster) -> set[str]:
    return {file.name for file in cluster.backups.repository(1).glob("archive/micro-sayur/15-1/*.history*")}


def test_a_copy_leaves_the_repositories_of_its_original_alone(cluster_to_restore):
    cluster = cluster_to_restore
    cluster.write()
    segment, before = archive(cluster), timelines(cluster)
    copy = Copy(cluster.session, cluster.backups, cluster.database)
    copy.start()
    copy.wait_promoted()
    assert copy.run_sql("select count(*) from written") == str(cluster.rows())
    copy.run_sql("create table of_the_copy ()")
    copied = copy.run_sql("select pg_walfile_name(pg_switch_wal())")
    assert copied[:8] != segment[:8], "it has a timeline of its own"
    backups = cluster.backups.run(copy, "info")
    assert "it is a copy" in cluster.backups.run_job_once(copy)
    assert cluster.backups.run(copy, "info") == backups, "nor is there a backup of it"
    cluster.write()
    rows = cluster.rows()
    archive(cluster)
    assert timelines(cluster) == before
    copy.stop()
    assert restored_rows(cluster, "--replace") == rows, "of the original"
