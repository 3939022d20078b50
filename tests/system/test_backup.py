# SPDX-License-Identifier: Apache-2.0
"""micro-sayur backup and restore: while it serves, cut short, and what they refuse."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import time
import uuid
from pathlib import Path

import httpx
import pytest

from harness.background import Background
from harness.client import Account, Api, new_email, new_password, wait_until
from harness.processes import free_port
from harness.service import Service

pytestmark = pytest.mark.mode("embedded")

CUTS = 12
PAIRS = 12


class Registrations(Background):
    """People register, without a pause."""

    def __init__(self, stack) -> None:
        self.stack = stack
        self.accepted: list[Account] = []

    def tasks(self):
        return [self._register] * 3

    def _register(self) -> None:
        api = Api(self.stack)
        while not self.over.is_set():
            made = Account(new_email("backup"), new_password(), "Siti Aminah")
            if api.register(made.email, made.password, made.name).status_code == 202:
                self.accepted.append(made)
        api.close()


@pytest.fixture
def backup(stack) -> Path:
    """A folder that is not there yet."""
    folder = stack.session.directory / f"backup-{time.monotonic_ns()}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def remains(backup: Path) -> list[Path]:
    """Of attempts that were killed."""
    return list(backup.parent.glob(f"{backup.name}.incomplete-*"))


@contextlib.contextmanager
def restored(stack, backup: Path):
    """Another micro-sayur, on what was restored of a backup."""
    data = stack.session.directory / f"restored-{time.monotonic_ns()}"
    ports = [free_port(), free_port()]
    env = stack.user_service.env | {"MICRO_SAYUR_DATA": str(data), "HTTP_PORT": str(ports[0]), "NOTIFICATION_HTTP_PORT": str(ports[1])}
    service = Service(stack.session, stack.user_service.program, env, ports)
    service.run("restore", str(backup))
    service.start()
    try:
        yield [f"http://127.0.0.1:{port}" for port in ports]
    finally:
        service.stop()
        shutil.rmtree(data)


def refusal(stack, *arguments: str, **env: str) -> str:
    done = stack.user_service.try_run(*arguments, env=stack.user_service.env | env)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_what_was_acknowledged_before_a_backup_is_in_it(stack, api, backup):
    owner = api.new_account()
    with Registrations(stack) as load:
        while len(load.accepted) < 30:
            time.sleep(0.01)
        known = list(load.accepted)
        print(stack.user_service.run("backup", str(backup)))
    with restored(stack, backup) as (user, notification):
        refreshed = httpx.post(f"{user}/api/v1/auth/refresh", json={"refresh_token": owner.tokens["refresh_token"]})
        assert refreshed.status_code == 401, "a restore ends every session"
        assert httpx.post(f"{user}/api/v1/auth/login", json={"email": owner.email, "password": owner.password}).status_code == 200
        missing = {made.email for made in known}
        deadline = time.monotonic() + 30
        while missing and time.monotonic() < deadline:
            mails = httpx.get(f"{notification}/mailbox/messages", timeout=10).json()
            missing = {email for email in missing if not any(email in str(mail["to"]) for mail in mails)}
            time.sleep(0.1)
        assert missing == set()


def test_a_backup_that_is_cut_short_leaves_none(stack, backup):
    program, env = stack.user_service.program, stack.user_service.env
    ends = []
    for cut in range(CUTS):
        process = stack.session.spawn([str(program), "backup", str(backup)], log=stack.session.directory / "cuts", env=env)
        time.sleep(0.004 * cut)
        process.kill()
        process.wait()
        ends.append(backup.exists())
        if backup.exists():
            with restored(stack, backup):
                shutil.rmtree(backup)
    assert not all(ends), "every backup was faster than its end"
    stack.user_service.run("backup", str(backup))
    left = remains(backup)
    assert {folder.stat().st_mode & 0o777 for folder in left} <= {0o700}
    for folder in left:
        assert re.fullmatch(rf"{backup.name}\.incomplete-\w{{6}}", folder.name), "as data.md says"
        shutil.rmtree(folder)


def test_of_two_that_make_the_same_backup_one_is_refused(stack, backup):
    program, env = stack.user_service.program, stack.user_service.env
    own = backup.with_name(backup.name + ".incomplete")
    own.mkdir()
    (own / "notes").write_text("somebody's own folder")
    for _ in range(PAIRS):
        both = [
            subprocess.Popen([program, "backup", backup], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        told = [process.communicate(timeout=60)[1] for process in both]
        assert sorted(process.returncode for process in both) == [0, 1], told
        assert sorted(told) == ["", f"micro-sayur: {backup} is there already: name a new folder\n"]
        subprocess.run(["sha256sum", "--quiet", "--check", "SHA256SUMS"], cwd=backup, check=True)
        assert remains(backup) == []
        shutil.rmtree(backup)
    assert [file.name for file in own.iterdir()] == ["notes"]
    shutil.rmtree(own)


def test_a_backup_is_its_owners_alone(stack, backup):
    stack.user_service.run("backup", str(backup))
    assert (backup.stat().st_mode & 0o777) == 0o700
    files = [Path(folder) / name for folder, _, names in os.walk(backup) for name in names]
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    assert {"user-service.sqlite", "notification-service.sqlite", "SHA256SUMS"} <= {file.name for file in files}


def test_a_backup_is_not_written_over(stack, backup):
    stack.user_service.run("backup", str(backup))
    assert "is there already: name a new folder" in refusal(stack, "backup", str(backup))


def test_a_slash_at_the_end_of_a_folder_changes_nothing(stack, backup):
    data = stack.user_service.env["MICRO_SAYUR_DATA"]
    stack.user_service.run("backup", f"{backup}/", MICRO_SAYUR_DATA=f"{data}/")
    assert (backup / "SHA256SUMS").exists()
    assert remains(backup) == []


def test_a_folder_without_databases_has_no_backup(stack, backup):
    assert "has no user-service.sqlite" in refusal(stack, "backup", str(backup), MICRO_SAYUR_DATA="/nonexistent")
    assert not backup.exists()


def test_a_restore_says_all_that_is_wrong_and_makes_nothing(stack, backup):
    data = stack.session.directory / "never-made"
    stack.user_service.run("backup", str(backup))
    with (backup / "user-service.sqlite").open("r+b") as file:
        file.seek(5000)
        file.write(b"damaged")
    (backup / "notification-service.sqlite").unlink()
    said = refusal(stack, "restore", str(backup), MICRO_SAYUR_DATA=str(data))
    assert "user-service.sqlite is damaged" in said
    assert "notification-service.sqlite is missing" in said
    assert not data.exists()


def test_what_is_no_backup_is_refused(stack):
    data = stack.session.directory / "never-made"
    assert "is no backup" in refusal(stack, "restore", str(stack.session.directory), MICRO_SAYUR_DATA=str(data))
    assert not data.exists()


def test_a_folder_in_use_is_not_restored_into(stack, backup):
    stack.user_service.run("backup", str(backup))
    done = stack.user_service.try_run("restore", str(backup))
    assert done.returncode == 78
    assert "is in use by another micro-sayur" in done.stderr


def test_a_digest_file_cannot_name_files_elsewhere(stack, backup):
    stack.user_service.run("backup", str(backup))
    with (backup / "SHA256SUMS").open("a") as file:
        file.write(f"{'0' * 64}  ../../etc/passwd\n")
    data = stack.session.directory / "never-made"
    assert "is damaged" in refusal(stack, "restore", str(backup), MICRO_SAYUR_DATA=str(data))
    assert not data.exists()


def test_after_a_restore_nobody_is_signed_in_and_who_was_erased_is_erased(stack):
    with stack.instance() as own:
        api = Api(own)
        kept, erased = api.new_account(), api.new_account()
        journal = own.session.directory / "erased"
        journal.write_text(f"{erased.id}\n{uuid.uuid4()}\n")
        assert "Of 2 erased persons 1 were there again" in own.user_service.run("after-restore", str(journal))
        wait_until(lambda: api.profile(kept.bearer).status_code == 401, 5, "the end of an access token")
        assert api.refresh(kept.tokens["refresh_token"]).status_code == 401
        assert api.login(kept.email, kept.password).status_code == 200
        assert api.login(erased.email, erased.password).status_code == 401
        api.close()


def test_a_list_of_the_erased_is_read_before_anything_is_changed(stack):
    with stack.instance() as own:
        api = Api(own)
        kept = api.new_account()
        journal = own.session.directory / "erased"
        journal.write_text(f"{kept.id}\nsiti@example.com\n")
        assert "line 2 is no UUID of an account" in refusal(own, "after-restore", str(journal))
        assert "No such file" in refusal(own, "after-restore", "/nonexistent")
        assert api.profile(kept.bearer).status_code == 200
        api.close()
