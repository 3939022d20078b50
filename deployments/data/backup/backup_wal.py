# SPDX-License-Identifier: Apache-2.0
"""WAL from the first repository to the second, and for how long WAL has waited that a repository does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable

SEGMENT = re.compile(r"[0-9A-F]{24}")
STORED_SEGMENT = re.compile(r"([0-9A-F]{24})-[0-9a-f]{40}(\.[a-z0-9]+)?")
STORED_HISTORY = re.compile(r"[0-9A-F]{8}\.history")
FOLDER = re.compile(r"[0-9A-F]{16}")


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
