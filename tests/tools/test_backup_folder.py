# SPDX-License-Identifier: Apache-2.0
"""The data folder while it is restored: whoever is killed leaves the old one or the new one, and never a mixture that starts."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

import pytest

from harness.packages import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "deployments" / "data" / "backup"))

import backup_folder
from backup_folder import LEFT, NEW, VERSION, Busy, empty, held, remains, settle, take_place, used, version_of

OLD_FILES = {"PG_VERSION": "15", "base/1": "old", "log/of-yesterday": "old"}
NEW_FILES = {"PG_VERSION": "15", "base/1": "new", "backup_label": "new"}


class Killed(BaseException):
    pass


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def read(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def killed_after(monkeypatch, steps: int, work, folder: Path) -> bool:
    """Whether `work` was, before the change of the folder with this number."""
    left = itertools.count(steps, -1)

    def counted(change):
        def step(*arguments, **options):
            if next(left) == 0:
                raise Killed
            return change(*arguments, **options)

        return step

    with monkeypatch.context() as patch:
        for name in ("rename", "mkdir", "rmdir", "unlink"):
            patch.setattr(Path, name, counted(getattr(Path, name)))
        patch.setattr(backup_folder.os, "fsync", lambda _: None)  # nobody takes the machine's power
        patch.setattr(backup_folder.shutil, "rmtree", counted(backup_folder.shutil.rmtree))
        try:
            work(folder)
        except Killed:
            return True
    return False


def made(folder: Path, old: dict[str, str]) -> Path:
    folder.mkdir(mode=0o700)
    write(folder, old)
    write(folder / NEW, NEW_FILES)
    return folder


@pytest.mark.parametrize("old", [OLD_FILES, {}], ids=["with a database", "empty"])
def test_whoever_is_killed_leaves_the_old_or_the_new(monkeypatch, tmp_path, old):
    seen = []
    for steps in itertools.count():
        folder = made(tmp_path / str(steps), old)
        killed = killed_after(monkeypatch, steps, take_place, folder)
        starts = (folder / VERSION).exists()
        if starts:
            own = {name: text for name, text in read(folder).items() if not name.startswith("pgsql_tmp")}
            assert own in (old, NEW_FILES), steps
        elif old:
            assert any(folder.iterdir()), "initdb would fill it"
        for again in itertools.count():
            if not killed_after(monkeypatch, again, settle, folder):
                break
        settle(folder)
        assert read(folder) in (old, NEW_FILES), steps
        assert not starts or read(folder) == own, "what could start stays"
        seen.append(read(folder))
        if not killed:
            break
    assert seen[0] == old
    assert seen[-1] == NEW_FILES
    assert not list(folder.glob("pgsql_tmp*"))


def test_a_part_that_a_killed_restore_fetched_goes(tmp_path):
    folder = made(tmp_path / "data", OLD_FILES)
    (folder / NEW / VERSION).unlink()
    settle(folder)
    assert read(folder) == OLD_FILES


def test_what_is_no_database_stays(tmp_path):
    write(tmp_path, {"notes": "mine"})
    settle(tmp_path)
    assert read(tmp_path) == {"notes": "mine"}


def test_two_never_work_in_one_folder(tmp_path):
    with held(tmp_path), pytest.raises(Busy, match="another restore is at work"), held(tmp_path):
        pass
    with held(tmp_path):
        pass


def test_a_server_that_was_started_meanwhile_keeps_its_files(tmp_path):
    folder = made(tmp_path / "data", OLD_FILES)
    (folder / "postmaster.pid").touch()
    with pytest.raises(Busy, match="a server was started"):
        take_place(folder)
    assert (folder / VERSION).exists(), "nothing has left"
    settle(folder)
    assert read(folder) == OLD_FILES | {"postmaster.pid": ""}


def test_a_server_that_is_started_as_its_files_leave_gets_them_back(monkeypatch, tmp_path):
    """It had read the version when that left, and says that it is there a moment later."""
    folder, rename = made(tmp_path / "data", OLD_FILES), Path.rename

    def rename_and_start(path: Path, to: Path) -> Path:
        if path == folder / VERSION:
            (folder / "postmaster.pid").touch()
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", rename_and_start)
    with pytest.raises(Busy, match="a server was started"):
        take_place(folder)
    assert (folder / "base").exists(), "nothing else has left"
    settle(folder)
    assert read(folder) == OLD_FILES | {"postmaster.pid": ""}


def test_what_remains_is_told_by_what_is_there(monkeypatch, tmp_path):
    folder = made(tmp_path / "data", OLD_FILES)
    before, fetched = version_of(folder), version_of(folder / NEW)
    assert remains(folder, before, fetched) == "what was there is there still"
    assert killed_after(monkeypatch, 3, take_place, folder)
    assert remains(folder, before, fetched) == "a part is there, on which no server starts: say the same again"
    settle(folder)
    assert remains(folder, before, fetched) == "what was there is there still"
    write(folder / NEW, NEW_FILES)
    fetched = version_of(folder / NEW)
    monkeypatch.setattr(backup_folder, "delete", lambda _: pytest.fail("it is settle that deletes"))
    take_place(folder)
    assert (folder / LEFT).exists()
    assert remains(folder, before, fetched) == "what was restored is there"
    monkeypatch.undo()
    settle(folder)
    assert remains(folder, before, fetched) == "what was restored is there"
    assert read(folder) == NEW_FILES
    before = version_of(folder)
    monkeypatch.setattr(backup_folder.shutil, "rmtree", lambda _: (_ for _ in ()).throw(OSError("it cannot be deleted")))
    with pytest.raises(OSError, match="cannot be deleted"):
        empty(folder)
    assert "a part is there" in remains(folder, before, None)
    monkeypatch.undo()
    empty(folder)
    assert remains(folder, before, None) == "nothing is there"


def test_files_that_go_while_a_folder_is_measured_count_for_nothing(monkeypatch, tmp_path):
    write(tmp_path, OLD_FILES)
    whole, lstat = used(tmp_path), os.lstat

    def lstat_of_what_went(path: str):
        if path.endswith("/1"):
            raise FileNotFoundError(path)
        return lstat(path)

    monkeypatch.setattr(backup_folder.os, "lstat", lstat_of_what_went)
    assert 0 < used(tmp_path) < whole
