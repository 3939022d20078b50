# SPDX-License-Identifier: Apache-2.0
"""Who was erased, kept outside of the database: a restore to an earlier moment brings them back, and `user-service after-restore` erases
them anew. In each repository a file erasures/ID, of which the name is all: it says nothing about a person."""

from __future__ import annotations

import os

import backup_pgbackrest as pgbackrest

FOLDER = "erasures"
THERE = "select to_regclass('user_service.accounts') is not null"
ERASED = "select id from user_service.accounts where status = 'deleted'"
# By the index accounts_erased. Twice as long as anything takes that is noted before it is committed.
LATELY = ERASED + " and updated_at > statement_timestamp() - interval '10 minutes'"


class Journal:
    def __init__(self, database: str) -> None:
        self.database = database
        self._noted: dict[int, set[str]] = {}  # by repository, since this process began

    def bring_out(self, repositories: list[int]) -> None:
        """To each repository what it lacks: at first of all there are, from then on of those lately erased. Throws Failed; what was brought
        to one repository by then stays."""
        if pgbackrest.ask(THERE, database=self.database) != "t":
            return
        fresh = [number for number in repositories if number not in self._noted]
        for number in fresh:
            self._noted[number] = set(pgbackrest.names(number, FOLDER))
        erased = set(pgbackrest.ask(ERASED if fresh else LATELY, database=self.database).split())
        for number in repositories:
            for each in sorted(erased - self._noted[number]):
                pgbackrest.put(number, f"{FOLDER}/{each}", "")
                self._noted[number].add(each)


def database_of_accounts() -> str:
    return os.environ.get("BACKUP_DATABASE", "micro_sayur")


def noted() -> list[str]:
    """Whom any repository names. Throws Failed when none answers: an empty list would be a claim."""
    found: set[str] = set()
    faults = []
    for number in (1, 2):
        try:
            found |= set(pgbackrest.names(number, FOLDER))
        except pgbackrest.Failed as fault:
            faults.append(fault)
    if len(faults) == 2:
        raise faults[0]
    return sorted(found)
