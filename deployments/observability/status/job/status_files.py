# SPDX-License-Identifier: Apache-2.0
"""Files that are whole or not there, and what becomes of one that is neither."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

LONGEST_FILE = 1024 * 1024
MOST_ASIDE = 5


class InUse(Exception):
    """Another job writes into the folder."""


def lock(folder: Path) -> int:
    """Until the process ends."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        os.close(handle)
        raise InUse(f"another job writes into {folder}") from fault
    return handle


def write(path: Path, document: object, mode: int) -> None:
    """Whoever reads it finds the old one or this one, and so does the next start after a power failure."""
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        json.dump(document, file, separators=(",", ":"))
        file.flush()
        os.fsync(file.fileno())
    beside.chmod(mode)  # the umask has taken its part
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(path: Path) -> object:
    """ValueError when it is broken; OSError when it cannot be read, for then it may be whole."""
    with path.open("rb") as file:
        content = file.read(LONGEST_FILE + 1)
    if len(content) > LONGEST_FILE:
        raise ValueError(f"{path.name} is larger than {LONGEST_FILE} bytes")
    try:
        return json.loads(content)
    except RecursionError as fault:
        raise ValueError(f"{path.name} is nested too deeply") from fault


def keep_aside(path: Path, now: int) -> Path | None:
    """A second name for the file as it is, under which it stays; None when there is no file, or when there are enough such already: the
    first ones have the most in them."""
    if not path.exists():
        return None
    kept = list(path.parent.glob(f"{path.name}.aside-*"))
    if same := [each for each in kept if each.samefile(path)]:  # it was not written over since: the disk is full
        return same[0]
    if len(kept) >= MOST_ASIDE:
        return None
    aside = path.with_name(f"{path.name}.aside-{now}")
    if not aside.exists():
        aside.hardlink_to(path)
    return aside
