# SPDX-License-Identifier: Apache-2.0
"""Who was erased, in the journal of each repository, whatever was away meanwhile."""

from __future__ import annotations

import dataclasses
import sys

import pytest

from harness.packages import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "deployments" / "data" / "backup"))

import backup_erasures as erasures
import backup_pgbackrest as pgbackrest
from backup_keeper import Complaints, Keeper
from backup_schedule import Repository

ANI, BUDI = "01a22979-9f25-7709-9739-93fca63721c6", "01a22979-9f25-7709-9739-93fca63721c7"


USABLE = Repository(number=1, fault="", has_no_stanza=False, backups=(), cluster="15-1", newest_wal="", system=1)


class Repositories:
    """Two of them, and a database of who was erased, in place of the programs."""

    def __init__(self, monkeypatch) -> None:
        self.files: dict[int, set[str]] = {1: set(), 2: set()}
        self.away: set[int] = set()
        self.erased, self.lately = {ANI}, {ANI}
        monkeypatch.setattr(pgbackrest, "configured", lambda: [1, 2])
        monkeypatch.setattr(pgbackrest, "ask", self.ask)
        monkeypatch.setattr(pgbackrest, "names", self.names)
        monkeypatch.setattr(pgbackrest, "put", self.put)

    def ask(self, query: str, database: str) -> str:
        if query == erasures.THERE:
            return "t"
        return "\n".join(self.lately if query == erasures.LATELY else self.erased)

    def names(self, number: int, _folder: str) -> list[str]:
        self.expect_there(number)
        return sorted(self.files[number])

    def put(self, number: int, name: str) -> None:
        self.expect_there(number)
        self.files[number].add(name.removeprefix("erasures/"))

    def expect_there(self, number: int) -> None:
        if number in self.away:
            raise pgbackrest.Failed(f"repository {number} is away")


def test_who_was_erased_long_before_a_repository_came_back_is_brought_to_it(monkeypatch):
    there = Repositories(monkeypatch)
    journal = erasures.Journal(1, "micro_sayur")
    journal.bring_out()
    there.away = {1}
    there.erased, there.lately = {ANI, BUDI}, {BUDI}
    with pytest.raises(pgbackrest.Failed):
        journal.bring_out()
    there.away, there.lately = set(), set()
    journal.bring_out()
    assert there.files[1] == {ANI, BUDI}


def test_who_was_erased_while_nobody_asked_is_brought_to_it(monkeypatch):
    """While a repository is away the job does not ask, and what it asks otherwise is who was erased in the last ten minutes."""
    there, now = Repositories(monkeypatch), [0.0]
    monkeypatch.setattr(erasures.time, "monotonic", lambda: now[0])
    journal = erasures.Journal(1, "micro_sayur")
    journal.bring_out()
    there.erased, there.lately = {ANI, BUDI}, set()
    now[0] = 30 * 60
    journal.bring_out()
    assert there.files[1] == {ANI, BUDI}


def test_a_repository_that_was_lost_and_made_anew_gets_all_of_them(monkeypatch):
    there = Repositories(monkeypatch)
    keeper = Keeper(1, "micro-sayur", Complaints())
    found = [USABLE, dataclasses.replace(USABLE, fault="its folder is gone"), USABLE]
    monkeypatch.setattr(pgbackrest, "ask_repository", lambda *_: found.pop(0))
    for erased in ({ANI}, None, {ANI}):
        keeper.look()
        keeper.note_erasures()
        assert erased is None or there.files[1] == erased
        there.files[1].clear()
    blank, made_stanzas = dataclasses.replace(USABLE, has_no_stanza=True), []
    found = [blank, USABLE]
    monkeypatch.setattr(pgbackrest, "make_stanza", lambda: made_stanzas.append(1))
    keeper.look()
    keeper.note_erasures()
    assert (there.files[1], len(made_stanzas)) == ({ANI}, 1)


def test_what_was_being_written_names_nobody(monkeypatch):
    there = Repositories(monkeypatch)
    there.files = {1: {ANI, f"{BUDI}.pgbackrest.tmp"}, 2: set()}
    assert erasures.noted() == ([ANI], [])


def test_one_repository_that_answers_is_enough_and_none_is_an_error(monkeypatch):
    there = Repositories(monkeypatch)
    there.files[2] = {BUDI}
    there.away = {1}
    erased, faults = erasures.noted()
    assert (erased, [str(fault) for fault in faults]) == ([BUDI], ["repository 1 is away"])
    there.away = {1, 2}
    with pytest.raises(pgbackrest.Failed):
        erasures.noted()
