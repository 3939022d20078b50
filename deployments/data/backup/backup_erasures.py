# SPDX-License-Identifier: Apache-2.0
"""Who was erased, kept outside of the database: a restore to an earlier moment brings them back, and `user-service after-restore` erases
them anew. In each repository a file erasures/ID, of which the name is all: it says nothing about a person."""

from __future__ import annotations

import math
import os
import re
import time

import backup_pgbackrest as pgbackrest

FOLDER = "erasures"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
THERE = "select to_regclass('user_service.accounts') is not null"
ERASED = "select id from user_service.accounts where status = 'deleted'"
# By the index accounts_erased. The time is that of the machine that erased, which was noted before the commit: neither is off by so much.
LATELY_SECONDS = 600
LATELY = ERASED + f" and updated_at > statement_timestamp() - interval '{LATELY_SECONDS} s'"


class Journal:
    """Of one repository."""

    def __init__(self, number: int, database: str) -> None:
        self.number, self.database = number, database
        self._erased: set[str] = set()
        self._asked_at = -math.inf  # on the monotonic clock; when the database has told them
        self._noted: set[str] | None = None

    def forget(self) -> None:
        """What the repository had: it was away, and may be another one when it is back."""
        self._noted = None

    def bring_out(self) -> None:
        """To the repository what it lacks, however long it, the database or this job was away. Throws Failed when it does not take it."""
        now = time.monotonic()
        knows_others = now - self._asked_at < LATELY_SECONDS / 2
        if not knows_others and pgbackrest.ask(THERE, database=self.database) != "t":
            return
        self._erased |= set(pgbackrest.ask(LATELY if knows_others else ERASED, database=self.database).split())
        self._asked_at = now
        if self._noted is None:
            self._noted = named(self.number)
        for each in sorted(self._erased - self._noted):
            pgbackrest.put(self.number, f"{FOLDER}/{each}")
            self._noted.add(each)


def database_of_accounts() -> str:
    return os.environ.get("BACKUP_DATABASE", "micro_sayur")


def named(number: int) -> set[str]:
    """Whom a repository names; what was being written when its writer died is no name."""
    return {name for name in pgbackrest.names(number, FOLDER) if ID.fullmatch(name)}


def noted() -> tuple[list[str], list[pgbackrest.Failed]]:
    """Whom any repository names, and why one did not answer. Throws Failed when none does: an empty list would be a claim."""
    found: set[str] = set()
    faults = []
    numbers = pgbackrest.configured()
    for number in numbers:
        try:
            found |= named(number)
        except pgbackrest.Failed as fault:
            faults.append(fault)
    if len(faults) == len(numbers):
        raise faults[0]
    return sorted(found), faults
