# SPDX-License-Identifier: Apache-2.0
"""The data folder while it is restored. The new one grows within it, since the folder itself may be a mount, and takes its place by renames
when it is whole: whoever is killed leaves the old one, the new one, or what `settle` makes the old one again.

PG_VERSION, without which no server starts, leaves first and comes last. PostgreSQL takes what is called pgsql_tmp… for none of its files,
and neither pgBackRest nor pg_basebackup copies it; initdb refuses a folder that has it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NEW, LEAVING, LEFT = "pgsql_tmp_restoring", "pgsql_tmp_leaving", "pgsql_tmp_left"
OWN = {NEW, LEAVING, LEFT}
VERSION = "PG_VERSION"


def occupants(folder: Path) -> list[Path]:
    """What is in it, but for what a restore left."""
    return [each for each in folder.iterdir() if each.name not in OWN]


def is_in_use(folder: Path) -> bool:
    return (folder / "postmaster.pid").exists()


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
    """Bytes of its disk."""
    return sum(each.lstat().st_blocks * 512 for each in folder.rglob("*"))


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
    """Makes NEW, which is whole, what is in the folder; what was there is deleted."""
    leaving, new = folder / LEAVING, folder / NEW
    leaving.mkdir()
    for each in sorted(occupants(folder), key=lambda each: each.name != VERSION):
        each.rename(leaving / each.name)
    _write_out(leaving)
    leaving.rename(folder / LEFT)
    folder.chmod(new.stat().st_mode & 0o777)
    _bring_up(new)
    delete(folder / LEFT)


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
