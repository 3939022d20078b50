# SPDX-License-Identifier: Apache-2.0
"""Who was erased, kept outside of the database: a restore to an earlier moment brings them back, and `user-service after-restore` erases
them anew. In each repository a file erasures/ID, of which the name is all: it says nothing about a person."""

from __future__ import annotations

import os
import re

import backup_pgbackrest as pgbackrest

FOLDER = "erasures"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
THERE = "select to_regclass('user_service.accounts') is not null"
ERASED = "select id from user_service.accounts where status = 'deleted'"
# By the index accounts_erased. The time is that of the machine that erased, which was noted before the commit: neither is off by so much.
LATELY = ERASED + " and updated_at > statement_timestamp() - interval '10 minutes'"


class Journal:
    def __init__(self, database: str) -> None:
        self.database = database
        self._erased: set[str] | None = None  # all of them; None: not asked for yet
        self._noted: dict[int, set[str]] = {}  # by repository

    def bring_out(self, repositories: list[int]) -> None:
        """To each repository what it lacks, however long it was away. Throws Failed when one did not take it; the others have it then."""
        if pgbackrest.ask(THERE, database=self.database) != "t":
            return
        lately = pgbackrest.ask(ERASED if self._erased is None else LATELY, database=self.database)
        self._erased = (self._erased or set()) | set(lately.split())
        faults = []
        for number in repositories:
            try:
                self._bring_to(number)
            except pgbackrest.Failed as fault:
                faults.append(fault)
        if faults:
            raise faults[0]

    def _bring_to(self, number: int) -> None:
        if number not in self._noted:
            self._noted[number] = named(number)
        for each in sorted(self._erased - self._noted[number]):
            pgbackrest.put(number, f"{FOLDER}/{each}")
            self._noted[number].add(each)


def database_of_accounts() -> str:
    return os.environ.get("BACKUP_DATABASE", "micro_sayur")


def named(number: int) -> set[str]:
    """Whom a repository names; what was being written when its writer died is no name."""
    return {name for name in pgbackrest.names(number, FOLDER) if ID.fullmatch(name)}


def noted() -> tuple[list[str], list[pgbackrest.Failed]]:
    """Whom any repository names, and why one did not answer. Throws Failed when none does: an empty list would be a claim."""
    found: set[str] = set()
    faults = []
    for number in (1, 2):
        try:
            found |= named(number)
        except pgbackrest.Failed as fault:
            faults.append(fault)
    if len(faults) == 2:
        raise faults[0]
    return sorted(found), faults
