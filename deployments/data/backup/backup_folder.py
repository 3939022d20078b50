# SPDX-License-Identifier: Apache-2.0
"""The data folder while it is restored. The new one grows within it, since the folder itself may be a mount, and takes its place by renames
when it is whole: whoever is killed leaves the old one, the new one, or what `settle` makes the old one again.

PG_VERSION, without which no server starts, leaves first and comes last. PostgreSQL takes what is called pgsql_tmp… for none of its files,
and neither pgBackRest nor pg_basebackup copies it; initdb refuses a folder that has it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NEW, LEAVING, LEFT = "pgsql_tmp_restoring", "pgsql_tmp_leaving", "pgsql_tmp_left"
OWN = {NEW, LEAVING, LEFT}
VERSION = "PG_VERSION"


class Busy(RuntimeError):
    """Somebody else uses the folder; the message says who."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """By no other restore meanwhile, on the whole machine; whoever is killed lets go. Throws Busy."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise Busy(f"another restore is at work in {folder}: wait until it has ended") from fault
        yield
    finally:
        os.close(descriptor)


def occupants(folder: Path) -> list[Path]:
    """What is in it, but for what a restore left."""
    return [each for each in folder.iterdir() if each.name not in OWN]


def is_in_use(folder: Path) -> bool:
    return (folder / "postmaster.pid").exists()


def expect_unused(folder: Path) -> None:
    """Throws Busy."""
    if is_in_use(folder):
        raise Busy(f"a server was started in {folder} meanwhile: stop it first")


def version_of(folder: Path) -> int | None:
    """Which PG_VERSION it has: a number that stays with the file when it is renamed. None where it has none."""
    try:
        return (folder / VERSION).stat().st_ino
    except OSError:
        return None


def remains(folder: Path, before: int | None, fetched: int | None) -> str:
    """After a restore with a fault. `before`: the version that was there; `fetched`: that of what was restored, if it was whole."""
    now = version_of(folder)
    if now is not None:
        return "what was restored is there" if now == fetched else "what was there is there still"
    if not folder.is_dir() or not any(folder.iterdir()):
        return "nothing is there"
    is_whole = before is None and not any((folder / name).exists() for name in (LEAVING, LEFT))
    return "what was there is there still" if is_whole else "a part is there, on which no server starts: say the same again"


def system_of(folder: Path) -> int | None:
    """PostgreSQL's identifier of the cluster; None where there is none that can be told."""
    try:
        return int.from_bytes((folder / "global" / "pg_control").read_bytes()[:8], sys.byteorder)
    except OSError:
        return None


def delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def empty(folder: Path) -> None:
    for each in sorted(occupants(folder), key=lambda each: each.name != VERSION):
        delete(each)


def used(folder: Path) -> int:
    """Bytes of its disk. A server may run in it, and delete files meanwhile."""
    total = 0
    for parent, folders, files in os.walk(folder):
        for name in folders + files:
            with suppress(FileNotFoundError):
                total += os.lstat(f"{parent}/{name}").st_blocks * 512
    return total


def settle(folder: Path) -> None:
    """As it was before a restore that was killed. May be killed itself, and called again."""
    if not (folder / VERSION).exists():
        if (folder / LEFT).exists():
            empty(folder)  # a part of the new one
            (folder / LEFT).rename(folder / LEAVING)
        if (folder / LEAVING).exists():
            _bring_up(folder / LEAVING)
    for name in OWN:
        delete(folder / name)


def take_place(folder: Path) -> None:
    """Makes NEW, which is whole, what is in the folder; what was there is left to `settle`, which deletes it. Throws Busy when somebody
    has started a server there, whose files `settle` brings back."""
    leaving, new = folder / LEAVING, folder / NEW
    expect_unused(folder)
    leaving.mkdir()
    for each in sorted(occupants(folder), key=lambda each: each.name != VERSION):
        each.rename(leaving / each.name)
        expect_unused(folder)  # one that had read the version before it left
    _write_out(leaving)
    leaving.rename(folder / LEFT)
    folder.chmod(new.stat().st_mode & 0o777)
    _bring_up(new)


def _bring_up(part: Path) -> None:
    for each in sorted(part.iterdir(), key=lambda each: each.name == VERSION):
        each.rename(part.parent / each.name)
    part.rmdir()
    _write_out(part.parent)


def _write_out(folder: Path) -> None:
    """The names in it, to its disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
