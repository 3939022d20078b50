# SPDX-License-Identifier: Apache-2.0
"""backup_restore.py where it cannot be done: one line says why, and what is there stays as it is."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data.damage import changed, damaged
from data.small_disk import moved_to_small_disk, only_root, small_disk, used
from harness.client import wait_until
from harness.packages import REPOSITORY
from harness.pgbackrest import RESTORE, nobody
from harness.postgres import own

sys.path.insert(0, str(REPOSITORY / "deployments" / "data" / "backup"))

from backup_folder import held

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def stopped(cluster):
    """The server is, and its disk has what it had."""
    cluster.database.stop()
    return cluster


def content(folder: Path) -> dict[Path, tuple[int, int]]:
    return {each: (each.lstat().st_size, each.lstat().st_mtime_ns) for each in folder.rglob("*") if not each.is_dir()}


def expect_refused(cluster, say, *options: str, said: str, code: int = 1, **env: str) -> None:
    before = content(cluster.database.cluster)
    done = cluster.restore(*options, **env)
    say(f"refused: {done.stderr.strip()}")
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert content(cluster.database.cluster) == before


def key(cluster) -> Path:
    return cluster.backups.keys["job"] / "key-1.conf"


FAULTS = {
    "no key": (lambda it: changed(key(it), b"[global]\n"), "cipher-pass"),
    "another key": (lambda it: changed(key(it), b"[global]\nrepo1-cipher-pass=another\n"), "is absent or another one"),
    "a damaged backup": (
        lambda it: damaged(next(it.backups.repository(1).glob("backup/micro-sayur/*F/bundle/1"))),
        "what was there is there still",
    ),
    "damaged WAL": (lambda it: damaged(it.segment_files(1)[-1]), "has 1 segments of WAL that are damaged or cannot be read"),
    "a gap": (lambda it: changed(it.segment_files(1)[-2], None), "lacks 1 segments of WAL"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_repository_with_a_fault(stopped, say, fault):
    damage, said = FAULTS[fault]
    with damage(stopped):
        expect_refused(stopped, say, "--replace", said=said)


@pytest.mark.parametrize(
    ("options", "env", "code", "said"),
    [
        ([], {}, 1, "is not empty: move away what is in it, or say --replace"),
        (["--replace"], {"PGBACKREST_REPO1_PATH": "/nonexistent"}, 1, "repository 1 has no backups of this name"),
        (["--replace"], {"PGBACKREST_STANZA": "other"}, 1, "repository 1 has no backups of this name"),
        (["--replace", "--repository", "3"], {}, 64, "invalid choice: 3"),
        (["--replace", "--to", "yesterday"], {}, 64, "invalid moment value: 'yesterday'"),
        (["--replace", "--to", "2026-11-29T21:15:00"], {}, 64, "invalid moment value"),
        (["--replace", "--to", "2020-01-01T00:00:00Z"], {}, 1, "the first moment that repository 1 can be restored to is"),
        (["--replace", "--to", "2999-01-01T00:00:00Z"], {}, 1, "is yet to come"),
        (["--replace", "--discard"], {}, 64, "not allowed with argument"),
    ],
)
def test_what_is_asked_for_cannot_be_had(stopped, say, options, env, code, said):
    expect_refused(stopped, say, *options, said=said, code=code, **env)


@only_root
def test_too_little_room_for_both(stopped, say):
    with moved_to_small_disk(stopped.database.cluster, f"size={used(stopped.database.cluster) + (20 << 20)}"):
        expect_refused(stopped, say, "--replace", said="make room for both, or say --discard, which deletes it first")


@only_root
def test_too_little_room_for_one(stopped, say):
    with small_disk(stopped.session.directory / "small", "size=8m") as small:
        expect_refused(stopped, say, said=f"{small} has room for 8 MiB, repository 1 needs", PGBACKREST_PG1_PATH=str(small))


@only_root
def test_a_disk_that_is_full_half_way(stopped, say):
    """It has room by its free bytes, which is what can be asked for, but not for so many files."""
    files = sum(1 for _ in stopped.database.cluster.rglob("*"))
    with moved_to_small_disk(stopped.database.cluster, f"size=1g,nr_inodes={files + 200}"):
        expect_refused(stopped, say, "--replace", said="No space left on device; what was there is there still")


def test_one_that_is_killed_half_way_and_said_again(stopped):
    folder = stopped.database.cluster
    before = content(folder)
    command = [sys.executable, str(RESTORE), "--replace"]
    killed = subprocess.Popen(command, env=stopped.job_environment(), cwd=stopped.backups.directory, start_new_session=True, **nobody())
    try:
        wait_until(lambda: any(folder.glob("pgsql_tmp_restoring/base/*/*")), 60, "the first restored files")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(killed.pid, signal.SIGKILL)
        assert killed.wait() == -signal.SIGKILL
    left = content(folder)
    assert {file: left[file] for file in before} == before
    assert left.keys() - before.keys(), "a part of the new one"
    stopped.database.start()
    rows = stopped.rows()
    stopped.database.stop()
    done = stopped.restore("--replace")
    assert done.returncode == 0, done.stderr
    assert list(folder.glob("pgsql_tmp*")) == []
    stopped.database.start()
    stopped.database.wait_promoted()
    assert stopped.rows() == rows


def test_two_at_once(stopped, say):
    with held(stopped.database.cluster):
        expect_refused(stopped, say, "--replace", said="another restore is at work")


def test_a_server_that_is_started_while_files_are_fetched(stopped, say):
    """By whoever, or whatever, takes it for one that is down."""
    stopped.database.start()
    stopped.write()
    rows = stopped.rows()
    stopped.database.stop()
    folder = stopped.database.cluster
    command = [sys.executable, str(RESTORE), "--replace"]
    restore = subprocess.Popen(
        command, env=stopped.job_environment(), cwd=stopped.backups.directory, stderr=subprocess.PIPE, text=True, **nobody()
    )
    wait_until(lambda: any(folder.glob("pgsql_tmp_restoring/base/*")), 60, "the first restored files")
    os.kill(restore.pid, signal.SIGSTOP)
    stopped.database.start()
    os.kill(restore.pid, signal.SIGCONT)
    said = restore.communicate(timeout=120)[1]
    say(f"refused: {said.strip()}")
    assert restore.returncode == 1
    assert "a server was started" in said
    assert said.endswith("what was there is there still\n")
    assert list(folder.glob("pgsql_tmp*")) == []
    assert stopped.rows() == rows
    stopped.database.stop()


@only_root
def test_what_a_killed_restore_left_is_room(stopped):
    folder = stopped.database.cluster
    with moved_to_small_disk(folder, f"size={3 * used(folder)}"):
        left = folder / "pgsql_tmp_restoring"
        left.mkdir()
        (left / "part").write_bytes(bytes(2 * used(folder) - (8 << 20)))
        own(left)
        done = stopped.restore("--check", "--replace")
        assert done.returncode == 0, done.stderr
        done = stopped.restore("--check", "--discard")
        assert done.returncode == 0, done.stderr
        subprocess.run(["rm", "-r", str(left)], check=True)


@only_root
def test_an_old_one_that_cannot_be_deleted_is_in_nobodys_way(stopped):
    folder = stopped.database.cluster
    inner = folder / "kept" / "inner"
    inner.parent.mkdir()
    own(inner.parent)
    inner.mkdir()
    (inner / "file").touch()  # of root, in a folder of root
    done = stopped.restore("--replace")
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().endswith("what was restored is there")
    assert (folder / "PG_VERSION").exists()
    stopped.database.start()
    stopped.database.wait_promoted()
    stopped.database.stop()
    subprocess.run(["rm", "-r", *map(str, folder.glob("pgsql_tmp*"))], check=True)


def test_a_folder_with_a_blank_in_its_path_gets_its_wal(stopped):
    folder = stopped.session.directory / "a blank"
    folder.mkdir(mode=0o700)
    own(folder)
    done = stopped.restore("--copy", PGBACKREST_PG1_PATH=str(folder))
    assert done.returncode == 0, done.stderr
    settings = (folder / "postgresql.auto.conf").read_text()
    assert f'--pg1-path="{folder}" ' in settings
    assert "pgsql_tmp" not in settings
