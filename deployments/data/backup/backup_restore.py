# SPDX-License-Identifier: Apache-2.0
"""Restores the database from a repository into the data folder (PGBACKREST_PG1_PATH); the server that starts there replays the WAL.

    backup_restore.py [--repository N] [--to TIME] [--replace] [--check]

Runs where the backup job does, and with its variables, while the server is stopped. Changes nothing, and says why, when the repository
cannot be restored from as it is.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import backup_pgbackrest as pgbackrest
from backup_schedule import Repository
from backup_verify import faults_of_names, room

SECRET = re.compile(r"_(KEY|PASS|TOKEN|SECRET)")
PASSED_ON = re.compile(r"PGBACKREST_(REPO\d_\w+|CONFIG\w*|STANZA|PG1_PATH)")


def passed_on(variables: Mapping[str, str]) -> list[str]:
    return sorted(name for name in variables if PASSED_ON.fullmatch(name) and not SECRET.search(name))


def options(variables: Mapping[str, str]) -> list[str]:
    """What says where the repositories are, as options: of those alone pgBackRest makes the command by which the server fetches its WAL. No
    secrets, which it takes from files."""
    return [f"--{name.removeprefix('PGBACKREST_').lower().replace('_', '-')}={variables[name]}" for name in passed_on(variables)]


def moment(text: str) -> datetime:
    """As argparse wants it: throws ValueError."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return parsed.astimezone(UTC)


def faults_of_moment(to: datetime, repository: Repository) -> list[str]:
    if to.timestamp() > time.time():
        return [f"{to.isoformat()} is yet to come: leave --to out for the latest moment"]
    first = datetime.fromtimestamp(repository.backups[0].ended, UTC)
    if to < first:
        return [
            f"the first moment that repository {repository.number} can be restored to is {first.isoformat()}, the end of its oldest backup"
        ]
    return []


def faults_of_folder(folder: Path, replace: bool, only_check: bool) -> list[str]:
    if not folder.exists() and os.access(folder.parent, os.W_OK):
        return []
    if not folder.is_dir():
        return [f"{folder} is no folder: make it, for the user of PostgreSQL, with mode 0700"]
    if (folder / "postmaster.pid").exists() and not only_check:
        return [f"a server runs in {folder}, or did not end in order ({folder}/postmaster.pid): stop it first"]
    if any(folder.iterdir()) and not replace:
        return [f"{folder} is not empty: move away what is in it, or say --replace, by which it is lost"]
    return []


def restore(repository: int, to: datetime | None, folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for each in folder.iterdir():
        shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
    target = [] if to is None else ["--type=time", f"--target={to:%Y-%m-%d %H:%M:%S.%f}+00", "--target-action=promote"]
    known = options(os.environ)
    for name in passed_on(os.environ):
        del os.environ[name]  # what is in the environment as well is not passed on
    program = shutil.which("pgbackrest") or "pgbackrest"  # the server calls it as it is called here
    pgbackrest.run([program, *known, f"--repo={repository}", *target, "restore"], pgbackrest.BACKUP_SECONDS)


def faults(repository: Repository, to: datetime | None, folder: Path) -> list[str]:
    found = faults_of_names(os.environ["PGBACKREST_STANZA"], repository)
    if repository.backups and to is not None:
        found += faults_of_moment(to, repository)
    return found or room(repository, folder if folder.exists() else folder.parent)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=int, choices=(1, 2), default=1, help="from which one (1)")
    parser.add_argument("--to", type=moment, metavar="TIME", help="an earlier moment, with its zone: 2026-11-29T21:15:00Z (the latest)")
    parser.add_argument("--replace", action="store_true", help="delete what is in the data folder")
    parser.add_argument("--check", action="store_true", help="only say whether it could be done, also while the server runs")
    given = parser.parse_args()
    folder = Path(os.environ["PGBACKREST_PG1_PATH"])
    try:
        chosen = pgbackrest.ask_repository(os.environ["PGBACKREST_STANZA"], given.repository)
        found = faults_of_folder(folder, given.replace, given.check) + faults(chosen, given.to, folder)
        if not found and not given.check:
            began = time.monotonic()
            restore(given.repository, given.to, folder)
            print(f"repository {given.repository}: restored in {time.monotonic() - began:.1f} s; the server replays its WAL when it starts")
    except pgbackrest.Failed as fault:
        found = [f"repository {given.repository}: {fault}"]
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
