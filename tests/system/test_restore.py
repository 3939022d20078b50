# SPDX-License-Identifier: Apache-2.0
"""micro-sayur restore: where it may restore to, what it restores, and what a restore that is killed leaves."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import time
from pathlib import Path

import pytest

from harness.client import Api, new_password, token_of
from harness.programs import EX_CONFIG
from harness.stack import EmbeddedStack

pytestmark = pytest.mark.mode("embedded")

CUTS = 25
KEYS = ("*.pem", "*.key")


@pytest.fixture(scope="module")
def origin(stack, tmp_path_factory):
    """A micro-sayur whose keys are in its data folder, as without JWT_KEYS_DIR."""
    data = tmp_path_factory.mktemp("origin") / "data"
    with stack.instance(MICRO_SAYUR_DATA=str(data), JWT_KEYS_DIR=str(data / "keys")) as made:
        yield made


@pytest.fixture
def backup(origin, tmp_path) -> Path:
    folder = tmp_path / "backup"
    origin.user_service.run("backup", str(folder))
    return folder


def environment(origin: EmbeddedStack, data: Path) -> dict[str, str]:
    return origin.user_service.env | {"MICRO_SAYUR_DATA": str(data), "JWT_KEYS_DIR": str(data / "keys")}


def restore(origin, backup: Path, data: Path) -> subprocess.CompletedProcess:
    return origin.user_service.try_run("restore", str(backup), env=environment(origin, data))


def refusal(origin, backup: Path, data: Path) -> str:
    done = restore(origin, backup, data)
    assert (done.returncode, done.stdout) == (1, ""), done
    return done.stderr


def look(origin, data: Path) -> subprocess.CompletedProcess:
    """What a command on the folder says."""
    return origin.user_service.try_run("withheld", "list", "everybody", env=environment(origin, data))


def is_whole(origin, backup: Path, data: Path) -> bool:
    done = look(origin, data)
    assert done.returncode in (0, 1, EX_CONFIG), done
    if done.returncode != 0:
        return False
    for database in ("user-service.sqlite", "notification-service.sqlite"):
        with contextlib.closing(sqlite3.connect(data / database)) as connection:
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    assert names_of_keys(data) == names_of_keys(backup)
    return True


def names_of_keys(folder: Path) -> set[str]:
    return {key.name for kind in KEYS for key in (folder / "keys").glob(kind)}


def write_digests(backup: Path) -> None:
    files = sorted(file.relative_to(backup) for file in backup.rglob("*") if file.is_file() and file.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256((backup / file).read_bytes()).hexdigest()}  {file}\n" for file in files]
    (backup / "SHA256SUMS").write_text("".join(lines))


@contextlib.contextmanager
def disk(folder: Path, *options: str):
    if os.getuid() != 0:
        pytest.skip("only root can mount a disk")
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_an_empty_disk_that_is_mounted_is_filled(origin, backup, tmp_path):
    data = tmp_path / "disk"
    with disk(data, "size=20m"):
        (data / "lost+found").mkdir()
        assert restore(origin, backup, data).returncode == 0
        assert is_whole(origin, backup, data)
        assert "has something in it" in refusal(origin, backup, data)


def test_somebody_elses_folder_stays_as_it_is(origin, backup, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "notes").write_text("somebody's own")
    assert "has something in it" in refusal(origin, backup, data)
    assert [file.name for file in data.iterdir()] == ["notes"]


def test_a_link_to_an_empty_folder_stays_one(origin, backup, tmp_path):
    elsewhere, data = tmp_path / "elsewhere", tmp_path / "link"
    elsewhere.mkdir()
    data.symlink_to(elsewhere)
    assert restore(origin, backup, Path(f"{data}/")).returncode == 0
    assert data.is_symlink()
    assert is_whole(origin, backup, elsewhere)


def test_a_disk_that_is_full_is_told_and_left_empty(origin, backup, tmp_path):
    data = tmp_path / "disk"
    with disk(data, "size=100k"):
        assert "No space left on device" in refusal(origin, backup, data)
        assert {file.name for file in data.iterdir()} <= {"in-use"}


def test_a_new_folder_on_a_disk_that_is_full_is_absent_again(origin, backup, tmp_path):
    folder = tmp_path / "disk"
    with disk(folder, "nr_inodes=3"):  # its own, that of the new folder, that of the lock
        assert "restore-unfinished: No space left on device" in refusal(origin, backup, folder / "data")
        assert list(folder.iterdir()) == []


def test_digests_that_cannot_be_read_are_told(origin, backup, tmp_path):
    digests = backup / "SHA256SUMS"
    digests.unlink()
    os.mknod(digests, stat.S_IFSOCK | 0o600)
    assert f"cannot read {digests}" in refusal(origin, backup, tmp_path / "data")


def test_a_restore_that_is_killed_is_never_taken_for_a_whole_one(origin, backup, tmp_path):
    program, data = origin.user_service.program, tmp_path / "data"
    began = time.monotonic()
    assert restore(origin, backup, data).returncode == 0
    whole_time = time.monotonic() - began
    chance = random.Random(4711)
    unfinished = 0
    for _ in range(CUTS):
        shutil.rmtree(data, ignore_errors=True)
        process = origin.session.spawn([str(program), "restore", str(backup)], log=tmp_path / "log", env=environment(origin, data))
        time.sleep(chance.uniform(0, whole_time))
        process.kill()
        process.wait()
        if not is_whole(origin, backup, data) and (data / "restore-unfinished").exists():
            unfinished += 1
            for done in (look(origin, data), origin.user_service.try_run(env=environment(origin, data))):
                assert done.returncode == EX_CONFIG
                assert "was not restored to its end; restore the backup once more" in done.stderr
            assert restore(origin, backup, data).returncode == 0
            assert is_whole(origin, backup, data)
    assert unfinished > 0, "every restore was killed before it began or after its end"


def test_of_two_restores_into_one_folder_one_is_refused(origin, backup, tmp_path):
    program, data = origin.user_service.program, tmp_path / "data"
    for _ in range(5):
        both = [
            subprocess.Popen([program, "restore", backup], env=environment(origin, data), stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        told = [process.communicate(timeout=60)[1] for process in both]
        codes = sorted(process.returncode for process in both)
        assert codes[0] == 0 and codes[1] in (1, EX_CONFIG), told
        assert any("is in use by another micro-sayur" in each or "has something in it" in each for each in told)
        assert is_whole(origin, backup, data)
        shutil.rmtree(data)


@pytest.mark.parametrize("database", ["user-service", "notification-service"])
def test_a_backup_of_a_newer_version_is_refused(origin, backup, tmp_path, database):
    with contextlib.closing(sqlite3.connect(backup / f"{database}.sqlite")) as connection, connection:
        connection.execute("insert into schema_migrations values (99, 'to come', '', 0)")
        connection.execute("drop table if exists sessions")
    write_digests(backup)
    before = sorted(backup.rglob("*"))
    assert f"the schema of {database} has version 99, this program runs on" in refusal(origin, backup, tmp_path / "data")
    assert not (tmp_path / "data").exists()
    assert sorted(backup.rglob("*")) == before


@pytest.mark.parametrize("kind", KEYS)
def test_a_backup_without_keys_is_not_restored(origin, backup, tmp_path, kind):
    for key in (backup / "keys").glob(kind):
        key.unlink()
    write_digests(backup)
    assert f"it lacks a {'key that signs' if kind == '*.pem' else 'secret'} (keys/{kind})" in refusal(origin, backup, tmp_path / "data")
    elsewhere = environment(origin, tmp_path / "data") | {"JWT_KEYS_DIR": str(origin.keys_directory)}
    assert origin.user_service.try_run("restore", str(backup), env=elsewhere).returncode == 0


def test_a_key_without_a_digest_is_not_left_out(origin, backup, tmp_path):
    digests = backup / "SHA256SUMS"
    (backup / "keys" / "zzz.key").write_bytes(bytes(32))
    assert "keys/zzz.key has no line in SHA256SUMS" in refusal(origin, backup, tmp_path / "data")
    digests.write_text("".join(line for line in digests.read_text().splitlines(keepends=True) if "keys/" not in line))
    said = refusal(origin, backup, tmp_path / "data")
    assert all(f"keys/{name} has no line" in said for name in names_of_keys(backup))
    assert not (tmp_path / "data").exists()


def test_keys_behind_a_link_are_backed_up_and_without_keys_nothing_is(origin, backup, tmp_path):
    data, again = tmp_path / "data", tmp_path / "again"
    assert restore(origin, backup, data).returncode == 0
    (data / "keys").rename(tmp_path / "keys")
    env = environment(origin, data)
    refused = origin.user_service.try_run("backup", str(again), env=env)
    assert refused.returncode == 1
    assert "lacks a key that signs" in refused.stderr
    assert not again.exists()
    (data / "keys").symlink_to(tmp_path / "keys")
    assert origin.user_service.try_run("backup", str(again), env=env).returncode == 0
    assert names_of_keys(again) == names_of_keys(backup) != set()


def test_passwords_are_those_of_the_moment_that_is_restored(origin, tmp_path):
    api = Api(origin)
    made = api.new_account(log_in=False)
    folder, data, newer = tmp_path / "backup", tmp_path / "data", new_password()
    origin.user_service.run("backup", str(folder))
    assert api.forgot_password(made.email).status_code == 202
    token = token_of(origin.wait_for_mails(made.email, 2)[0])
    assert api.reset_password(token, newer).status_code == 200
    assert api.login(made.email, newer).status_code == 200
    api.close()
    assert restore(origin, folder, data).returncode == 0
    with origin.instance(MICRO_SAYUR_DATA=str(data), JWT_KEYS_DIR=str(data / "keys")) as copy:
        api = Api(copy)
        assert api.login(made.email, made.password).status_code == 200
        assert api.login(made.email, newer).status_code == 401
        api.close()
