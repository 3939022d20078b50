# SPDX-License-Identifier: Apache-2.0
"""How long sessions of a PostgreSQL wait for locks, seen from outside."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg

from .background import Background

# Of each session that waits for a lock: since when, for what, and who it is. A migration that waits holds up those who come after it.
WAITS = """select extract(epoch from clock_timestamp() - waitstart)::float8, mode || ' of ' || coalesce(relation::regclass::text, locktype),
    coalesce(nullif(application_name, ''), usename)
    from pg_locks join pg_stat_activity using (pid) where not granted and waitstart is not null and wait_event_type = 'Lock'"""
INTERVAL = 0.002


class LockWaits(Background):
    """Looks some hundred times a second, and keeps the longest wait and how often it looked."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self.longest, self.of_what = 0.0, "nothing"
        self.looks = self.waits = 0

    def tasks(self) -> list[Callable[[], None]]:
        return [self._look]

    def __str__(self) -> str:
        return f"longest wait for a lock {self.longest * 1000:.0f} ms ({self.of_what}), {self.waits} seen in {self.looks} looks"

    def _look(self) -> None:
        # Without a transaction of its own: an index that is built concurrently would wait for that.
        with psycopg.connect(self.conninfo, autocommit=True, application_name="lock waits") as connection:
            while not self.over.is_set():
                self.looks += 1
                for seconds, what, who in connection.execute(WAITS):
                    self.waits += 1
                    if seconds > self.longest:
                        self.longest, self.of_what = seconds, f"{who}, {what}"
                time.sleep(INTERVAL)
