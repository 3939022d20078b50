# SPDX-License-Identifier: Apache-2.0
"""What backup_verify.py finds: whole repositories, and each thing that can be wrong with one. Nothing is restored in silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data.damage import changed, damaged
from data.small_disk import only_root, small_disk
from harness.client import wait_until
from harness.pgbackrest import Backups, own
from harness.postgres import Postgres

pytestmark = pytest.mark.timeout(300)


def expect_fault(cluster, say, *words: str, repository: int = 1, other_is_whole: bool = True, **env: str) -> None:
    done = cluster.verify(**env)
    say(f"named: {done.stderr.strip()}")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert f"repository {repository}: restored" not in done.stdout
    assert (f"repository {3 - repository}: restored" in done.stdout) == other_is_whole


def test_whole_repositories_are_restored_and_looked_at(cluster, say):
    done = cluster.verify()
    assert (done.returncode, done.stderr) == (0, "")
    say(f"both repositories verified:\n{done.stdout.strip()}")
    assert [line[:22] for line in done.stdout.splitlines()] == ["repository 1: restored", "repository 2: restored"]
    assert list(cluster.backups.spool.glob("verify-*")) == []


def test_a_damaged_backup(cluster, say):
    bundle = next(cluster.backups.repository(1).glob("backup/micro-sayur/*F/bundle/1"))
    with damaged(bundle):
        expect_fault(cluster, say, "the backup", "1 damaged and 0 missing files", "restore from the other repository")


def test_damaged_wal(cluster, say):
    with damaged(cluster.segment_files(1)[-1]):
        expect_fault(cluster, say, "the WAL of 15-1 has 1 damaged")


def test_a_gap_in_the_wal(cluster, say):
    file = cluster.segment_files(1)[-2]
    with changed(file, None):
        expect_fault(cluster, say, f"lacks 1 segments of WAL, the first of them {file.name[:24]}")


def test_a_wrong_key(cluster, say):
    with changed(cluster.backups.keys["job"] / "key-1.conf", b"[global]\nrepo1-cipher-pass=another\n"):
        expect_fault(cluster, say, "repository 1 cannot be read", "its key (repo1-cipher-pass) is absent or another one")


def test_no_key(cluster, say):
    with changed(cluster.backups.keys["job"] / "key-2.conf", b"[global]\n"):
        expect_fault(cluster, say, "repo2-cipher-pass", repository=2, other_is_whole=False)


def test_backups_of_another_cluster(cluster, say):
    stranger = Postgres(cluster.session)
    stranger.start()
    try:
        done = cluster.verify(PGHOST=str(stranger.socket_directory), PGPORT=str(stranger.port), PGPASSWORD=stranger.password)
        say(f"named: {done.stderr.strip()}")
        assert done.returncode == 1
        for number in (1, 2):
            assert f"repository {number} holds backups of another cluster" in done.stderr
    finally:
        stranger.kill()


def test_whose_backups_they_are_is_told_by_the_job(cluster, say):
    """Where the server cannot be reached, as on Kubernetes."""
    out_of_reach = {"PGHOST": "/nonexistent", "BACKUP_JOB_URL": f"http://127.0.0.1:{cluster.backups.metrics_port}"}
    assert cluster.verify(**out_of_reach).returncode == 0
    cluster.stop_job()
    done = cluster.verify(**out_of_reach)
    assert done.returncode == 1
    assert "does not tell of which cluster its server is" in done.stderr
    stranger = Postgres(cluster.session)
    stranger.start()
    try:
        cluster.start_job(PGHOST=str(stranger.socket_directory), PGPORT=str(stranger.port), PGPASSWORD=stranger.password)
        wait_until(lambda: cluster.sample("repository_usable", 1) is not None, 30, "the job")
        done = cluster.verify(**out_of_reach)
        say(f"named: {done.stderr.strip()}")
        assert done.returncode == 1
        for number in (1, 2):
            assert f"repository {number} holds backups of another cluster" in done.stderr
        cluster.stop_job()
    finally:
        stranger.kill()
        cluster.start_job()


def test_a_name_that_has_no_backups(cluster, say):
    expect_fault(
        cluster, say, "repository 1 has no backups of this name: see PGBACKREST_STANZA", other_is_whole=False, PGBACKREST_STANZA="other"
    )


def test_a_repository_that_is_away(cluster, say):
    away = cluster.backups.repository(2)
    away.rename(away.with_name("away"))
    away.touch()
    try:
        expect_fault(cluster, say, "repository 2", repository=2)
    finally:
        away.unlink()
        away.with_name("away").rename(away)


@only_root
def test_a_folder_without_room(cluster, say):
    with small_disk(cluster.session.directory / "small", "size=20m") as small:
        said = f"{small} has room for 20 MiB, repository 1 needs "
        expect_fault(cluster, say, said, "name another folder", other_is_whole=False, BACKUP_FOLDER=str(small))


@only_root
def test_a_disk_that_is_full_half_way(cluster, say):
    """It has room by its free bytes, which is what can be asked for, but not for so many files."""
    with small_disk(cluster.session.directory / "small", "size=1g,nr_inodes=200") as small:
        expect_fault(cluster, say, "No space left on device", other_is_whole=False, BACKUP_FOLDER=str(small))
        assert list(small.iterdir()) == []


def test_a_folder_of_which_little_may_be_used(cluster, say):
    said = ("has room for 20 MiB, repository 1 needs ", "raise limits.ephemeral-storage")
    expect_fault(cluster, say, *said, other_is_whole=False, BACKUP_FOLDER_BYTES=str(20 << 20))


def test_two_clusters_in_two_repositories(cluster, say):
    """Where no server runs that would tell which is right."""
    other = Backups(cluster.session, "other-backups")
    stranger = Postgres(cluster.session, other.server_settings(), other.environment("server"))
    stranger.start()
    try:
        other.run(stranger, "stanza-create")
    finally:
        stranger.kill()
    keys = cluster.backups.directory / "mixed.conf.d"
    keys.mkdir()
    for file in (cluster.backups.keys["job"] / "key-1.conf", other.keys["job"] / "key-2.conf", other.keys["job"] / "second.conf"):
        own(Path(shutil.copy(file, keys)))
    own(keys)
    expect_fault(
        cluster,
        say,
        "the repositories hold backups of different clusters",
        repository=2,
        PGHOST="/nonexistent",
        PGBACKREST_REPO2_PATH=str(other.repository(2)),
        PGBACKREST_CONFIG_INCLUDE_PATH=str(keys),
    )
