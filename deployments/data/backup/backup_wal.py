# SPDX-License-Identifier: Apache-2.0
"""WAL from the first repository to the second, and for how long WAL has waited that a repository does not have."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

SEGMENT_BYTES = 16 << 20
SEGMENTS_PER_LOG = 0x100  # of 16 MiB, in the 4 GiB that the middle of a name counts
SEGMENT = re.compile(r"[0-9A-F]{24}")
STORED_SEGMENT = re.compile(r"([0-9A-F]{24})-([0-9a-f]{40})(\.[a-z0-9]+)?")
STORED_HISTORY = re.compile(r"[0-9A-F]{8}\.history")
FOLDER = re.compile(r"[0-9A-F]{16}")


@dataclass(frozen=True)
class StoredWal:
    """A segment in a repository."""

    digest: str  # SHA-1 of its content
    since: int  # seconds since 1970


def timeline_of(segment: str) -> str:
    return segment[:8]


def segments(stored: Iterable[str]) -> set[str]:
    """Of the names in a folder of a repository, such as 000000010000000000000003-….zst."""
    return {found[1] for name in stored if (found := STORED_SEGMENT.fullmatch(name))}


def histories(stored: Iterable[str]) -> set[str]:
    return {name for name in stored if STORED_HISTORY.fullmatch(name)}


def folders_to_compare(first: Iterable[str], second: Iterable[str]) -> list[str]:
    """Folders of the first repository, whose names are in the order of time, from the newest on that the second has: what is older was
    compared before, and may have expired in one of them."""
    newest = max((name for name in second if FOLDER.fullmatch(name)), default="")
    return sorted(name for name in first if FOLDER.fullmatch(name) and name >= newest)


def number_of(segment: str) -> int:
    """Counted from the beginning of all WAL, whatever the timeline."""
    return int(segment[8:16], 16) * SEGMENTS_PER_LOG + int(segment[16:], 16)


def name_of(timeline: str, number: int) -> str:
    return f"{timeline}{number // SEGMENTS_PER_LOG:08X}{number % SEGMENTS_PER_LOG:08X}"


class End(NamedTuple):
    """Of a timeline that another one follows, which has the segment in which it ended from its beginning."""

    timeline: str
    number: int  # of that segment
    position: str  # in the WAL, such as 0/6000148


@dataclass(frozen=True)
class Lineage:
    """Timelines that follow one another."""

    ends: tuple[End, ...]
    last: str
    restores: tuple[tuple[str, datetime], ...] = ()  # timelines that began with a restore to a moment, and that moment

    def left(self, at: datetime, began: Mapping[str, float]) -> bool:
        """Whether what was written at a moment is on a timeline that was left by a restore to an earlier one. `began`: in seconds since
        1970, of each timeline."""
        return any(moment <= at and at.timestamp() < began.get(timeline, math.inf) for timeline, moment in self.restores)

    def timeline_at(self, number: int) -> str:
        return next((each.timeline for each in self.ends if number < each.number), self.last)

    def has(self, segment: str) -> bool:
        """Whether it is of these timelines, rather than of one that branched off, or was left."""
        return self.timeline_at(number_of(segment)) == timeline_of(segment)

    def replayed(self, stored: Iterable[str], first: str) -> list[str]:
        """The segments from `first` on, with which a backup of these timelines begins, to the newest one, whether or not they are there."""
        begin = number_of(first)
        known = [number_of(name) + 1 for name in stored if timeline_of(name) == self.last]
        end = max(known + [each.number for each in self.ends], default=begin)
        return [name_of(self.timeline_at(number), number) for number in range(begin, end)]

    def followers(self) -> list[tuple[End, str]]:
        """Each timeline that ended, and the one that followed it."""
        timelines = [*(each.timeline for each in self.ends), self.last]
        return list(zip(self.ends, timelines[1:], strict=True))

    def lacking(self, stored: Iterable[str], first: str) -> list[str]:
        """Those of them that are missing."""
        names = set(stored)
        return [name for name in self.replayed(names, first) if name not in names]


def lineage(timeline: str, history: str) -> Lineage:
    """From the text of the timeline's history file (PostgreSQL, "Continuous Archiving": Timelines); the first one has none."""
    found = re.findall(r"^(\d+)\t([0-9A-F]+)/([0-9A-F]+)(?:\t(?:before|after) (\d{4}-\d\d-\d\d \S+))?", history, re.MULTILINE)
    timelines = [*(f"{int(one):08X}" for one, *_ in found), timeline]
    ends = [
        End(timeline, ((int(high, 16) << 32) + int(low, 16)) // SEGMENT_BYTES, f"{high}/{low}")
        for timeline, (_, high, low, _) in zip(timelines, found, strict=False)
    ]
    moments = zip(timelines[1:], (moment for *_, moment in found), strict=True)
    restores = tuple((began, datetime.fromisoformat(moment)) for began, moment in moments if moment)
    return Lineage(tuple(ends), timeline, restores)


class ArchiveLag:
    """Of one repository: told again and again which segment the server writes and which is the newest in the repository, as names such as
    000000010000000000000003: those of one timeline are in the order of their names."""

    MOST = 1000  # segments that are remembered; of more, every second one

    def __init__(self) -> None:
        self._began: dict[str, float] = {}  # segment -> when it was first seen being written, in order

    def seconds(self, written: str, newest: str, now: float) -> float:
        """Since the oldest segment was begun that the repository lacks and that is not written any more; 0 when there is none."""
        known = newest if SEGMENT.fullmatch(newest) and timeline_of(newest) == timeline_of(written) else ""
        self._began = {name: began for name, began in self._began.items() if timeline_of(name) == timeline_of(written) and name > known}
        waiting = [began for name, began in self._began.items() if name < written]
        self._began.setdefault(written, now)
        if len(self._began) > self.MOST:
            self._began = dict(list(self._began.items())[::2])
        return now - min(waiting, default=now)
