# SPDX-License-Identifier: Apache-2.0
"""What the services acknowledged, noted outside of them, and what a restored database still has of it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

# What the database has of each kind: keys, and the number of the last change of a profile, which stands for earlier ones.
FOUND = {
    "registration": "select email_key from user_service.registrations union select email_key from user_service.accounts",
    "login": "select id from user_service.sessions",
    "profile": "select id, substring(name from '[0-9]+$') from user_service.accounts where name ~ '^Siti [0-9]+$'",
}


@dataclass(frozen=True)
class Write:
    kind: str
    key: str
    number: int  # of the profile's changes; 0 for what is written once
    acknowledged_at: float  # on the monotonic clock


@dataclass
class Reconciliation:
    acknowledged: Counter = field(default_factory=Counter)
    lost: list[Write] = field(default_factory=list)

    def lost_seconds(self, killed_at: float) -> float:
        """The recovery point as measured: how long before the loss the oldest write was acknowledged that is not there any more."""
        return max((killed_at - write.acknowledged_at for write in self.lost), default=0.0)

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.acknowledged.items()))
        return f"{self.acknowledged.total()} acknowledged ({kinds}), {len(self.lost)} lost"


class Ledger:
    """Thread-safe."""

    def __init__(self) -> None:
        self._writes: list[Write] = []
        self._lock = threading.Lock()

    def note(self, kind: str, key: str, number: int = 0) -> None:
        with self._lock:
            self._writes.append(Write(kind, key, number, time.monotonic()))

    def __len__(self) -> int:
        return len(self._writes)

    def first_after(self, moment: float, kind: str) -> float | None:
        """When the first write of this kind was acknowledged after `moment`."""
        with self._lock:
            return min(
                (write.acknowledged_at for write in self._writes if write.kind == kind and write.acknowledged_at > moment), default=None
            )

    def reconcile(self, database, until: float) -> Reconciliation:
        """Holds every write that was acknowledged before `until` against the rows of `database`."""
        stored = {kind: _stored(database.run_sql(query)) for kind, query in FOUND.items()}
        result = Reconciliation()
        with self._lock:
            writes = [write for write in self._writes if write.acknowledged_at <= until]
        for write in writes:
            result.acknowledged[write.kind] += 1
            if stored[write.kind].get(write.key, -1) < write.number:
                result.lost.append(write)
        return result


def _stored(lines: str) -> dict[str, int]:
    """Key -> number, 0 where a line has none."""
    pairs = (line.partition("|") for line in lines.splitlines())
    return {key: int(number or 0) for key, _, number in pairs}
