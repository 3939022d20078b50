# SPDX-License-Identifier: Apache-2.0
"""One repository as the backup job sees it: what is in it, for how long WAL has waited for it, who was erased. It waits for no other."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time

import backup_pgbackrest as pgbackrest
from backup_erasures import Journal, database_of_accounts
from backup_schedule import INCREMENTAL, Repository, due, unknown
from backup_wal import ArchiveLag

LOG = logging.getLogger("backup")
RETRY_SECONDS = 60


class Complaints:
    """Each is said once, and once when it is over. Thread-safe enough: a subject belongs to one thread."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def note(self, about: str, what: str) -> bool:
        """Empty: all is well. Returns whether it is."""
        if self._said.get(about, "") != what:
            LOG.log(logging.ERROR if what else logging.INFO, "%s: %s", about, what or "well again")
        self._said[about] = what
        return not what


class Keeper:
    """`look` and `note_erasures` belong to one thread, `keep_up` to another; the rest may be read by any."""

    def __init__(self, number: int, stanza: str, complaints: Complaints) -> None:
        self.number, self.stanza, self.complaints = number, stanza, complaints
        self.known: Repository = unknown(number, "it was not asked yet")
        self.is_copy: bool | None = None  # the server is: nothing of it may come to the repository; None: it did not answer
        self.written = self.server_started = ""  # which segment the server wrote, and since when it runs, as it said last
        self.lag: float | None = None
        self.failures = 0
        self._lag = ArchiveLag()
        self._journal = Journal(number, database_of_accounts())
        self._retry_at = 0.0
        self._renewed = threading.Event()

    @property
    def is_renewed(self) -> bool:
        return self._renewed.is_set()

    def renew(self) -> None:
        """Another backup is due at once: what is there lacks WAL. From any thread."""
        self._renewed.set()

    def look(self) -> None:
        """Makes the stanza where it is absent."""
        try:
            known = pgbackrest.ask_repository(self.stanza, self.number)
            if known.has_no_stanza:
                pgbackrest.make_stanza()
                self._journal.forget()
                known = pgbackrest.ask_repository(self.stanza, self.number)
            self.known = known
            self.complaints.note(f"repository {self.number}", known.fault)
        except pgbackrest.Failed as fault:
            self.known = dataclasses.replace(self.known, fault=str(fault))
            self.complaints.note(f"repository {self.number}", str(fault))
        if self.known.fault:
            self._journal.forget()

    def measure_lag(self) -> None:
        """Throws Failed when the server does not answer, is a standby or a copy."""
        try:
            self.written, self.server_started = pgbackrest.written_segment()
        except pgbackrest.Copy:
            self.is_copy, self.written, self.lag = True, "", None
            raise
        except pgbackrest.Failed:
            self.is_copy = None
            raise
        self.is_copy = False
        self.lag = self._lag.seconds(self.written, self.known.newest_wal, time.time())

    def note_erasures(self) -> None:
        if self.known.fault:
            return
        try:
            self._journal.bring_out()
        except pgbackrest.Failed as fault:
            self.complaints.note(f"journal of erasures in repository {self.number}", str(fault))
        else:
            self.complaints.note(f"journal of erasures in repository {self.number}", "")

    def keep_up(self) -> bool:
        """Makes the backup that is due; one that failed is tried again in a minute. Returns whether all are there that should be."""
        if self.is_copy:
            return True
        if self.known.fault:
            return False
        kind = due(self.known, int(time.time())) or (INCREMENTAL if self.is_renewed else None)
        if kind is None:
            return True
        if self.is_copy is None or time.monotonic() < self._retry_at:
            return False
        began = time.monotonic()
        try:
            pgbackrest.back_up(self.number, kind)
        except pgbackrest.Failed as fault:
            self.failures += 1
            self._retry_at = time.monotonic() + RETRY_SECONDS
            return self.complaints.note(f"backups in repository {self.number}", str(fault))
        self._renewed.clear()
        self.complaints.note(f"backups in repository {self.number}", "")
        LOG.info("repository %d: %s backup in %.1f s", self.number, kind, time.monotonic() - began)
        self.look()
        return True
