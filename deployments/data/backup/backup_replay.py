# SPDX-License-Identifier: Apache-2.0
"""The WAL that a restore replays: whether it is there, is whole, and reaches the moment that is asked for. At a segment that cannot be had
PostgreSQL ends its recovery as if there were no more."""

from __future__ import annotations

import functools
import hashlib
import itertools
import math
import os
import re
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import backup_pgbackrest as pgbackrest
from backup_schedule import Backup, Repository
from backup_wal import End, Lineage, StoredWal, number_of, timeline_of

Found = TypeVar("Found")
OTHERWISE = "name an earlier moment, or leave --to out for everything that it has"
AT_ONCE = 2  # segments of 16 MiB: a container has its temporary files in its memory
ENDED = re.compile(r"desc: (?:COMMIT|ABORT)\w* .*?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}) UTC")
WAL_ENDS = re.compile(r"error in WAL record|could not find a valid record")  # where a segment has no more, or begins within a long record


class Replay:
    """Of a restore to `to`, or to the latest moment, from a repository with backups. Throws Failed where that does not answer."""

    def __init__(self, stanza: str, repository: Repository, to: datetime | None = None) -> None:
        self._stanza, self._repository, self._to = stanza, repository, to

    @cached_property
    def _start(self) -> tuple[Backup | None, str]:
        return self._repository.replayed(self._line, None if self._to is None else self._to.timestamp())

    @property
    def backup(self) -> Backup | None:
        """With which it begins. Without one there is nothing to replay: `faults_of_names` says so."""
        return self._start[0]

    @property
    def _first(self) -> str:
        return self.backup.first_wal

    @cached_property
    def _stored(self) -> dict[str, StoredWal]:
        return pgbackrest.stored_wal(self._stanza, self._repository, self._first)

    @cached_property
    def _began(self) -> dict[str, int]:
        return pgbackrest.timelines_began(self._stanza, self._repository)

    @cached_property
    def _line(self) -> Lineage:
        return pgbackrest.stored_lineage(self._stanza, self._repository, self._began, self._to)

    @property
    def timeline(self) -> int:
        """Which is followed to its end, or to the moment."""
        return int(self._line.last, 16)

    @cached_property
    def _all(self) -> list[str]:
        return self._line.replayed(self._stored, self._first)

    @property
    def _needed(self) -> list[str]:
        until = self._start[1]
        return [name for name in self._all if not until or number_of(name) <= number_of(until)]

    @property
    def _whole(self) -> list[str]:
        """What comes before a gap, if there is one."""
        return list(itertools.takewhile(self._stored.__contains__, self._all))

    def faults_of_names(self) -> list[str]:
        """What can be told without reading a file."""
        name = f"repository {self._repository.number}"
        if self.backup is None:
            before = "" if self._to is None else f", of before {self._to.isoformat()}"
            return [
                f"{name} has no backup of timeline {self.timeline}, nor of those that it follows{before}: use the other repository, or name"
                " another moment; where the server runs, have the backup job make a backup"
            ]
        missing = [name for name in self._needed if name not in self._stored]
        if missing:
            return [
                f"{name} lacks {len(missing)} segments of WAL, the first of them {missing[0]}: nothing that was written"
                " from then on can be restored from it; use the other repository, and make a new full backup"
            ]
        newest = max((each.since for each in self._stored.values()), default=0)
        if self._to is not None and self._to.timestamp() >= newest + 1:
            arrived = datetime.fromtimestamp(newest, UTC).isoformat()
            return [f"{name} has nothing of after {arrived}, when its newest WAL arrived: {OTHERWISE}"]
        return []

    def faults_of_moment(self, cluster: Path) -> list[str]:
        """Recovery ends where something was committed after the moment; where nothing was it is an error. `cluster` is a data folder of the
        cluster that was backed up."""
        if self._to is None:
            return []
        if left := self._left_before(cluster, self._to):
            return left
        commits = map(functools.partial(self._read, cluster, commit_times), reversed(self._whole))
        last = next((each[-1] for each in commits if each), None)
        if last is not None and self._to < last:
            return []
        known = "" if last is None else f"; the last moment that it can be restored to is before {last.isoformat()}"
        return [f"repository {self._repository.number} has no commit of after {self._to.isoformat()}{known}: {OTHERWISE}"]

    def _left_before(self, cluster: Path, to: datetime) -> list[str]:
        """A timeline that went on past the end that it has here, as when another one began from a repository that lagged, has what no
        other has."""
        for end, follower in self._line.followers():
            if to.timestamp() >= self._began.get(follower, math.inf) or end.number < number_of(self._first):
                continue
            first = self._first_commit_after(cluster, end)
            if first is not None and first <= to:
                number = self._repository.number
                return [
                    f"repository {number} has what was written at {to.isoformat()} on a timeline that was left without --to, for one that"
                    f" lacks it: name a moment before {first.isoformat()}, or restore by hand:"
                    f" pgbackrest --repo={number} --type=time --target=… --target-timeline={int(end.timeline, 16)} restore"
                ]
        return []

    def _first_commit_after(self, cluster: Path, end: End) -> datetime | None:
        """On the timeline that ended."""
        for name in sorted(name for name in self._stored if timeline_of(name) == end.timeline and number_of(name) >= end.number):
            begin = end.position if number_of(name) == end.number else None
            if commits := self._read(cluster, functools.partial(commit_times, begin=begin), name):
                return commits[0]
        return None

    def damages(self, cluster: Path) -> list[str]:
        """Reads all that is needed; `cluster` as above."""
        needed = [name for name in self._needed if name in self._stored]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            good = pool.map(functools.partial(self._is_whole, cluster), needed)
        bad = [name for name, is_whole in zip(needed, good, strict=True) if not is_whole]
        if not bad:
            return []
        return [
            f"repository {self._repository.number} has {len(bad)} segments of WAL that are damaged or cannot be read, the first of them"
            f" {bad[0]}: use the other repository, and make a new full backup"
        ]

    def _is_whole(self, cluster: Path, name: str) -> bool:
        try:
            return self._read(cluster, digest, name) == self._stored[name].digest
        except pgbackrest.Failed:
            return False

    def _read(self, cluster: Path, read: Callable[[Path], Found], name: str) -> Found:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / name
            pgbackrest.fetch_wal(self._repository.number, name, file, f"--pg1-path={cluster}")
            return read(file)


def digest(segment: Path) -> str:
    with segment.open("rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest()


def commit_times(segment: Path, begin: str | None = None) -> list[datetime]:
    """When the transactions ended that a segment tells of, from the position `begin` on. Throws Failed when it cannot be read."""
    command = ["pg_waldump", "--rmgr=Transaction", *([f"--start={begin}"] if begin else []), str(segment)]
    env = os.environ | {"TZ": "UTC", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, env=env, timeout=pgbackrest.ASK_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise pgbackrest.Failed(f"pg_waldump: {fault}") from fault
    if done.returncode != 0 and not WAL_ENDS.search(done.stderr):
        raise pgbackrest.Failed(f"pg_waldump: code {done.returncode}: {done.stderr.strip()}")
    return [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in ENDED.findall(done.stdout)]
