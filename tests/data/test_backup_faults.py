# SPDX-License-Identifier: Apache-2.0
"""What backup_verify.py finds: whole repositories, and each thing that can be wrong with one. Nothing is restored in silence."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from harness.pgbackrest import Backups, own
from harness.postgres import Postgres

pytestmark = pytest.mark.timeout(300)


@contextlib.contextmanager
def changed(file: Path, content: bytes | None):
    """Another content, or none at all, for as long."""
    before = file.read_bytes()
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    try:
        yield
    finally:
        file.write_bytes(before)
        own(file)


def damaged(file: Path):
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4] = bytes(byte ^ 0xFF for byte in content[middle : middle + 4])
    return changed(file, bytes(content))


def expect_fault(cluster, *words: str, repository: int = 1, other_is_whole: bool = True, **env: str) -> None:
    done = cluster.verify(**env)
    print(done.stderr)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert f"repository {repository}: restored" not in done.stdout
    assert (f"repository {3 - repository}: restored" in done.stdout) == other_is_whole


def test_whole_repositories_are_restored_and_looked_at(cluster):
    done = cluster.verify()
    print(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line[:22] for line in done.stdout.splitlines()] == ["repository 1: restored", "repository 2: restored"]
    assert list(cluster.backups.spool.glob("verify-*")) == []


def test_a_damaged_backup(cluster):
    bundle = next(cluster.backups.repository(1).glob("backup/micro-sayur/*F/bundle/1"))
    with damaged(bundle):
        expect_fault(cluster, "the backup", "1 damaged and 0 missing files", "restore from the other repository")


def test_damaged_wal(cluster):
    with damaged(cluster.segment_files(1)[-1]):
        expect_fault(cluster, "the WAL of 15-1 has 1 damaged")


def test_a_gap_in_the_wal(cluster):
    file = cluster.segment_files(1)[-2]
    with changed(file, None):
        expect_fault(cluster, f"lacks 1 segments of WAL, the first of them {file.name[:24]}")


def test_a_wrong_key(cluster):
    with changed(cluster.backups.keys["job"] / "key-1.conf", b"[global]\nrepo1-cipher-pass=another\n"):
        expect_fault(cluster, "repository 1 cannot be read", "its key (repo1-cipher-pass) is absent or another one")


def test_no_key(cluster):
    with changed(cluster.backups.keys["job"] / "key-2.conf", b"[global]\n"):
        expect_fault(cluster, "repo2-cipher-pass", repository=2, other_is_whole=False)


def test_backups_of_another_cluster(cluster):
    stranger = Postgres(cluster.session)
    stranger.start()
    try:
        done = cluster.verify(PGHOST=str(stranger.socket_directory), PGPORT=str(stranger.port), PGPASSWORD=stranger.password)
        assert done.returncode == 1
        for number in (1, 2):
            assert f"repository {number} holds backups of another cluster" in done.stderr
    finally:
        stranger.kill()


def test_a_name_that_has_no_backups(cluster):
    expect_fault(
        cluster, "repository 1 has no backups of this name: see PGBACKREST_STANZA", other_is_whole=False, PGBACKREST_STANZA="other"
    )


def test_a_repository_that_is_away(cluster):
    away = cluster.backups.repository(2)
    away.rename(away.with_name("away"))
    away.touch()
    try:
        expect_fault(cluster, "repository 2", repository=2)
    finally:
        away.unlink()
        away.with_name("away").rename(away)


def test_two_clusters_in_two_repositories(cluster):
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
        "the repositories hold backups of different clusters",
        repository=2,
        PGHOST="/nonexistent",
        PGBACKREST_REPO2_PATH=str(other.repository(2)),
        PGBACKREST_CONFIG_INCLUDE_PATH=str(keys),
    )
