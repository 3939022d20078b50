# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a repository, as far as its files tell. Each fault is a sentence that says what to do."""

from __future__ import annotations

import re

from backup_schedule import Repository

INVALID = re.compile(r"archiveId: (?P<archive>\S+),.*|backup: (?P<backup>\S+), status: (?P<status>[^,]+),.*")
COUNTS = re.compile(r"missing: (\d+), checksum invalid: (\d+), size invalid: (\d+), other: (\d+)")


def usability(repository: Repository) -> list[str]:
    name = f"repository {repository.number}"
    if repository.has_no_stanza:
        where = f"PGBACKREST_STANZA, and the path and bucket of PGBACKREST_REPO{repository.number}_…"
        return [f"{name} has no backups of this name: see {where}"]
    if repository.fault:
        return [
            f"{name} cannot be read ({repository.fault}): its key (repo{repository.number}-cipher-pass) is absent or another one,"
            " or its files are damaged; the other repository may serve"
        ]
    if not repository.backups:
        return [f"{name} has no backup yet: see what the backup job says"]
    return []


def identity(systems: dict[int, int], server: int | None) -> list[str]:
    """`systems`: the system identifier of the newest cluster in each repository; `server`: that of the running server, if there is one."""
    faults = []
    if server is not None:
        faults = [
            f"repository {number} holds backups of another cluster ({system}; the server's is {server}): see PGBACKREST_STANZA and its path"
            for number, system in systems.items()
            if system != server
        ]
    if server is None and len(set(systems.values())) > 1:
        faults = [f"the repositories hold backups of different clusters ({', '.join(map(str, systems.values()))}): one of them is not ours"]
    return faults


def damages(report: str) -> list[str]:
    """From what `pgbackrest verify --output=text --verbose` prints."""
    faults, subject = [], ""
    for line in report.splitlines():
        if found := INVALID.search(line.strip()):
            subject = f"the backup {found['backup']}" if found["backup"] else f"the WAL of {found['archive']}"
        elif (found := COUNTS.search(line)) and any(int(count) for count in found.groups()):
            missing, checksum, size, other = map(int, found.groups())
            bad = checksum + size + other
            faults.append(
                f"{subject} has {bad} damaged and {missing} missing files: restore from the other repository, and make a new full backup"
            )
    return faults
