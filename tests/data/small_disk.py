# SPDX-License-Identifier: Apache-2.0
"""A disk of a size that a test chooses."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.packages import REPOSITORY
from harness.postgres import own

sys.path.insert(0, str(REPOSITORY / "deployments" / "data" / "backup"))

from backup_folder import used as used

only_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk")


@contextlib.contextmanager
def small_disk(folder: Path, options: str):
    """Mounted at a new folder, for PostgreSQL's user; `options` as tmpfs takes them."""
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=0700,{options}", "tmpfs", str(folder)], check=True)
    try:
        own(folder)
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


@contextlib.contextmanager
def moved_to_small_disk(folder: Path, options: str):
    """What is in the folder lies on such a disk meanwhile, which is mounted there."""
    aside = folder.with_name("aside")

    def move(whence: Path, to: Path) -> None:
        subprocess.run(["cp", "-a", f"{whence}/.", str(to)], check=True)

    folder.rename(aside)
    try:
        with small_disk(folder, options):
            move(aside, folder)
            yield
            subprocess.run(["find", str(aside), "-mindepth", "1", "-delete"], check=True)
            move(folder, aside)
    finally:
        aside.rename(folder)
