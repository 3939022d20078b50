# SPDX-License-Identifier: Apache-2.0
"""What pgBackRest says of its repositories, and which backup is due."""

from __future__ import annotations

from dataclasses import dataclass

from backup_wal import Lineage

# Codes of a repository's status: https://pgbackrest.org/command.html, info.
OK, NO_STANZA, NO_BACKUPS, NO_STANZA_DATA = 0, 1, 2, 3
FULL, INCREMENTAL = "full", "incr"
SECONDS_BETWEEN = {FULL: 24 * 3600, INCREMENTAL: 3600}


@dataclass(frozen=True)
class Backup:
    """A completed one. Times are in seconds since 1970."""

    kind: str
    began: int
    ended: int
    bytes: int  # of the database, not of what the repository holds of it
    label: str
    first_wal: str  # the segment from which on WAL has to be replayed
    last_wal: str  # and up to which at least


@dataclass(frozen=True)
class Repository:
    number: int
    fault: str  # empty: it is usable
    has_no_stanza: bool
    backups: tuple[Backup, ...]  # oldest first
    cluster: str  # of the archive, such as 15-1; empty: it has none
    newest_wal: str  # the name of the newest segment in it; empty: none
    system: int  # PostgreSQL's identifier of the newest cluster; 0: it has none

    def last(self, *kinds: str) -> Backup | None:
        return next((backup for backup in reversed(self.backups) if backup.kind in kinds), None)

    def on(self, line: Lineage) -> list[Backup]:
        """Those that lie on these timelines: from no other can what was written there be restored."""
        return [each for each in self.backups if line.has(each.first_wal) and line.has(each.last_wal)]

    def replayed(self, line: Lineage, to: float | None) -> tuple[Backup | None, str]:
        """The backup from which a restore to the time `to` begins, the last one that ended in a second before; None where there is none.
        And the segment of WAL up to which it replays at most; without a time it does so to the newest one, which is empty here."""
        before = [each for each in self.on(line) if to is None or each.ended < int(to)]
        after = [each for each in self.on(line) if to is not None and each.began > to]
        return before[-1] if before else None, after[0].first_wal if after else ""


def unknown(number: int, fault: str, has_no_stanza: bool = False) -> Repository:
    return Repository(number, fault, has_no_stanza, backups=(), cluster="", newest_wal="", system=0)


def repositories(info: list[dict], stanza: str) -> list[Repository]:
    """From the document that `pgbackrest info --output=json` prints; a repository that knows nothing of the stanza has no backups. Of
    several clusters in one repository (after an upgrade) the newest counts."""
    known = next((each for each in info if each["name"] == stanza), None)
    if known is None:
        return []
    return [_repository(known, repo) for repo in known["repo"]]


def _repository(stanza: dict, repo: dict) -> Repository:
    key = repo["key"]
    own = [each for each in stanza["backup"] if each["database"]["repo-key"] == key and not each.get("error")]
    wal = [each for each in stanza["archive"] if each["database"]["repo-key"] == key]
    newest = max(wal, key=lambda each: each["database"]["id"], default={})
    clusters = [each for each in stanza["db"] if each["repo-key"] == key]
    status = repo["status"]
    usable = status["code"] in (OK, NO_BACKUPS)
    return Repository(
        number=key,
        fault="" if usable else _printable(status["message"]),
        has_no_stanza=status["code"] in (NO_STANZA, NO_STANZA_DATA),
        backups=tuple(sorted((_backup(each) for each in own), key=lambda each: each.ended)),
        cluster=newest.get("id") or "",
        newest_wal=newest.get("max") or "",
        system=max(clusters, key=lambda each: each["id"], default={}).get("system-id", 0),
    )


def _printable(message: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in message)[:200]


def _backup(each: dict) -> Backup:
    times, wal = each["timestamp"], each["archive"]
    return Backup(
        kind=FULL if each["type"] == FULL else INCREMENTAL,
        began=times["start"],
        ended=times["stop"],
        bytes=each["info"]["size"],
        label=each["label"],
        first_wal=wal["start"],
        last_wal=wal["stop"],
    )


def due(repository: Repository, now: int) -> str | None:
    """Full or incremental, or None. A clock that was set back makes one due, rather than none for as long."""
    last_full, last = repository.last(FULL), repository.last(FULL, INCREMENTAL)
    if last_full is None or not 0 <= now - last_full.began < SECONDS_BETWEEN[FULL]:
        return FULL
    return None if 0 <= now - last.began < SECONDS_BETWEEN[INCREMENTAL] else INCREMENTAL
