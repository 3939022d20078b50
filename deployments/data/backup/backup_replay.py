# SPDX-License-Identifier: Apache-2.0
"""The WAL that a restore replays: whether it is there, is whole, and reaches the moment that is asked for. At a segment that cannot be had
PostgreSQL ends its recovery as if there were no more."""

from __future__ import annotations

import functools
import hashlib
import itertools
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
from backup_schedule import Repository
from backup_wal import Lineage, StoredWal, number_of

Found = TypeVar("Found")
OTHERWISE = "name an earlier moment, or leave --to out for everything that it has"
AT_ONCE = 2  # segments of 16 MiB: a container has its temporary files in its memory
ENDED = re.compile(r"desc: (?:COMMIT|ABORT)\w* .*?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}) UTC")


class Replay:
    """Of a restore to `to`, or to the latest moment, from a repository with backups. Throws Failed where that does not answer."""

    def __init__(self, stanza: str, repository: Repository, to: datetime | None = None) -> None:
        self._stanza, self._repository, self._to = stanza, repository, to
        self._first, self._until = repository.replayed(None if to is None else to.timestamp())

    @cached_property
    def _stored(self) -> dict[str, StoredWal]:
        return pgbackrest.stored_wal(self._stanza, self._repository, self._first)

    @cached_property
    def _line(self) -> Lineage:
        return pgbackrest.stored_lineage(self._stanza, self._repository, self._to)

    @property
    def timeline(self) -> int:
        """Which is followed to its end, or to the moment."""
        return int(self._line.last, 16)

    @cached_property
    def _all(self) -> list[str]:
        return self._line.replayed(self._stored, self._first)

    @property
    def _needed(self) -> list[str]:
        return [name for name in self._all if not self._until or number_of(name) <= number_of(self._until)]

    @property
    def _whole(self) -> list[str]:
        """What comes before a gap, if there is one."""
        return list(itertools.takewhile(self._stored.__contains__, self._all))

    def faults_of_names(self) -> list[str]:
        """What can be told without reading a file."""
        name = f"repository {self._repository.number}"
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
        ends = map(functools.partial(self._read, cluster, last_end), reversed(self._whole))
        last = next(filter(None, ends), None)
        if last is not None and self._to < last:
            return []
        known = "" if last is None else f"; the last moment that it can be restored to is before {last.isoformat()}"
        return [f"repository {self._repository.number} has no commit of after {self._to.isoformat()}{known}: {OTHERWISE}"]

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


def last_end(segment: Path) -> datetime | None:
    """When the last transaction ended that a segment tells of."""
    # It ends with an error where the segment does.
    command = ["pg_waldump", "--rmgr=Transaction", str(segment)]
    try:
        said = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, env=os.environ | {"TZ": "UTC"}).stdout
    except OSError as fault:
        raise pgbackrest.Failed(f"pg_waldump: {fault}") from fault
    ends = ENDED.findall(said)
    return datetime.fromisoformat(ends[-1]).replace(tzinfo=UTC) if ends else None
