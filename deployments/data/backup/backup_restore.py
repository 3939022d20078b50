# SPDX-License-Identifier: Apache-2.0
"""Restores the database from a repository into the data folder (PGBACKREST_PG1_PATH); the server that starts there replays the WAL.

    backup_restore.py [--repository N] [--to TIME] [--replace | --discard] [--copy] [--check]

Runs where the backup job does, and with its variables, while the server is stopped. What is in the folder stays until what is restored is
whole; when that fails nothing is changed, and one line says why. Whoever has no room for both says --discard.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import backup_check as check
import backup_pgbackrest as pgbackrest
from backup_arguments import Parser
from backup_folder import (
    NEW,
    OWN,
    Busy,
    empty,
    expect_unused,
    held,
    is_in_use,
    occupants,
    remains,
    settle,
    system_of,
    take_place,
    used,
    version_of,
)
from backup_replay import Replay
from backup_schedule import Repository
from backup_verify import faults_of_files, lack_of_room

SECRET = re.compile(r"_(KEY|PASS|TOKEN|SECRET)")
PASSED_ON = re.compile(r"PGBACKREST_(REPO\d_\w+|CONFIG\w*|STANZA|PG1_PATH)")

UNSPEAKABLE = re.compile(r"""['"\\$%`]""")


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
    first = datetime.fromtimestamp(repository.backups[0].ended + 1, UTC)
    if to < first:
        return [
            f"the first moment that repository {repository.number} can be restored to is {first.isoformat()}, the end of its oldest backup"
        ]
    return []


def faults_of_folder(folder: Path, replace: bool, only_check: bool) -> list[str]:
    """`replace`: what is there may go."""
    if UNSPEAKABLE.search(str(folder)):
        return [
            f"{folder}: name a folder without quotes, backslashes, $ and % in its path, of which pgBackRest makes a setting of the server"
        ]
    if not folder.exists() and os.access(folder.parent, os.W_OK):
        return []
    if not folder.is_dir():
        return [f"{folder} is no folder: make it, for the user of PostgreSQL, with mode 0700"]
    if is_in_use(folder) and not only_check:
        return [f"a server runs in {folder}, or did not end in order ({folder}/postmaster.pid): stop it first"]
    if occupants(folder) and not replace:
        return [f"{folder} is not empty: move away what is in it, or say --replace, by which it is lost"]
    return []


def faults_of_room(repository: Repository, folder: Path, discard: bool) -> list[str]:
    there = folder.exists() and occupants(folder)
    free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
    if there and discard:
        return lack_of_room(repository, folder, free + used(folder), "once what is there is gone: make room")
    advice = "what is there stays until the restore is whole; make room for both, or say --discard, which deletes it first"
    abandoned = sum(used(folder / name) for name in OWN)  # by a restore that was killed
    return lack_of_room(repository, folder, free + abandoned, advice if there else "make room")


def fetch(repository: int, to: datetime | None, replay: Replay, folder: Path, is_copy: bool) -> None:
    """A data folder for `folder`, in NEW of it, which is empty. A copy archives nothing: its WAL, in the repository of the original, would
    be what the next restore follows."""
    new = folder / NEW
    target = []
    if to is not None:
        target = [
            "--type=time",
            f"--target={to:%Y-%m-%d %H:%M:%S.%f}+00",
            "--target-action=promote",
            f"--target-timeline={replay.timeline}",
        ]
    known = [each for each in options(os.environ) if not each.startswith("--pg1-path=")]
    program = shutil.which("pgbackrest") or "pgbackrest"  # the server calls it as it is called here
    command = [
        program,
        *known,
        f"--pg1-path={new}",
        f"--repo={repository}",
        f"--set={replay.backup.label}",
        *target,
        *(["--archive-mode=off"] if is_copy else []),
        "restore",
    ]
    # What is in the environment as well would not be passed on.
    pgbackrest.run(command, pgbackrest.BACKUP_SECONDS, without=passed_on(os.environ))
    name_folder(new / "postgresql.auto.conf", new, folder)


def name_folder(settings: Path, new: Path, folder: Path) -> None:
    """Where the restored server fetches its WAL for; by another folder it would find none, and end recovery. Throws Failed."""
    text = settings.read_text()
    if text.count(str(new)) != 1:
        raise pgbackrest.Failed(f"{settings} does not name {new} once, as pgBackRest wrote it")
    with settings.open("w") as file:
        file.write(text.replace(str(new), str(folder)))
        file.flush()
        os.fsync(file.fileno())


def restore(repository: Repository, to: datetime | None, folder: Path, replay: Replay, discard: bool, is_copy: bool) -> list[str]:
    """Why not, and what is in the folder then: what was there, which stays until nothing can fail any more, unless it is discarded."""
    before, fetched, found = version_of(folder), None, []
    try:
        (folder / NEW).mkdir(mode=0o700)  # before it is emptied: initdb would fill an empty one
        if discard:
            expect_unused(folder)
            empty(folder)
        fetch(repository.number, to, replay, folder, is_copy)
        found = replay.faults_of_moment(folder / NEW)
        if not found and occupants(folder):
            found = replay.damages(folder / NEW)
        if not found:
            fetched = version_of(folder / NEW)
            take_place(folder)
    except (pgbackrest.Failed, OSError, Busy) as fault:
        found = [f"repository {repository.number}: {fault}"]
    try:
        settle(folder)
    except OSError as fault:
        found = [*found, str(fault)]
    said = [f"{fault}; {remains(folder, before, fetched)}" for fault in found]
    if fetched is None or version_of(folder) != fetched:
        return said
    for each in said:  # it is restored all the same
        print(each, file=sys.stderr)
    return []


def faults(stanza: str, repository: Repository, to: datetime | None, folder: Path, replay: Replay, discard: bool) -> list[str]:
    found = check.usability(repository)
    if not found and to is not None:
        found = faults_of_moment(to, repository)
    if found:
        return found
    found = replay.faults_of_names() or faults_of_room(repository, folder, discard)
    if not found and system_of(folder) == repository.system:
        found = replay.faults_of_moment(folder)
    if not found and discard and folder.exists() and occupants(folder):
        found = faults_of_files(stanza, repository)  # what is there goes before the restore could tell
    return found


def unchanged(folder: Path, found: list[str]) -> list[str]:
    """With what is in the folder, to which nothing was done."""
    return [f"{fault}; {remains(folder, version_of(folder), None)}" for fault in found]


def perform(stanza: str, folder: Path, given: argparse.Namespace) -> list[str]:
    """Why it was not, or could not be, done. Throws Failed, Busy, OSError where nothing was done."""
    found = faults_of_folder(folder, given.replace or given.discard, given.check)
    if not found:
        chosen = pgbackrest.ask_repository(stanza, given.repository)
        replay = Replay(stanza, chosen, given.to)
        found = faults(stanza, chosen, given.to, folder, replay, given.discard)
    if given.check:
        return found
    if found:
        return unchanged(folder, found)
    began = time.monotonic()
    found = restore(chosen, given.to, folder, replay, given.discard, given.copy)
    if not found:
        seconds = f"{time.monotonic() - began:.1f} s"
        print(f"repository {given.repository}: restored in {seconds}; the server replays its WAL when it starts")
    return found


def perform_alone(stanza: str, folder: Path, given: argparse.Namespace) -> list[str]:
    """As `perform`, and not beside another restore."""
    if not folder.exists() and os.access(folder.parent, os.W_OK):
        folder.mkdir(mode=0o700)
    with held(folder) if folder.is_dir() else nullcontext():
        if folder.is_dir() and not is_in_use(folder):
            settle(folder)
        return perform(stanza, folder, given)


def main() -> int:
    parser = Parser(__doc__)
    parser.add_argument("--repository", type=int, choices=(1, 2), default=1, help="from which one (1)")
    parser.add_argument("--to", type=moment, metavar="TIME", help="an earlier moment, with its zone: 2026-11-29T21:15:00Z (the latest)")
    what_is_there = parser.add_mutually_exclusive_group()
    what_is_there.add_argument("--replace", action="store_true", help="delete what is in the data folder, once what is restored is whole")
    what_is_there.add_argument(
        "--discard",
        action="store_true",
        help="delete it first, which may leave nothing: for a disk without room for both; every file of the repository is read before",
    )
    parser.add_argument(
        "--copy", action="store_true", help="what was backed up may still run: this one archives nothing (archive_mode = off)"
    )
    parser.add_argument("--check", action="store_true", help="only say whether it could be done, also while the server runs")
    given = parser.parse_args()
    folder = Path(parser.variable("PGBACKREST_PG1_PATH", "where the data folder of PostgreSQL is"))
    stanza = parser.variable("PGBACKREST_STANZA", "by which name the backups were made, such as micro-sayur")
    try:
        found = perform(stanza, folder, given) if given.check else perform_alone(stanza, folder, given)
    except pgbackrest.Failed as fault:
        found = unchanged(folder, [f"repository {given.repository}: {fault}"])
    except (Busy, OSError) as fault:
        found = unchanged(folder, [str(fault)])
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
