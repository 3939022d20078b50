# SPDX-License-Identifier: Apache-2.0
"""WAL in the archives: what is copied, how long it has waited, what is missing, and what becomes of that after a promotion."""

from __future__ import annotations

import dataclasses
import sys
from datetime import UTC, datetime, timedelta

import pytest

from harness.packages import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "deployments" / "data" / "backup"))

import backup_pgbackrest as pgbackrest
from backup_job import Job
from backup_schedule import Backup, Repository
from backup_wal import ArchiveLag, folders_to_compare, histories, lineage, segments


def segment(number: int, timeline: int = 1) -> str:
    return f"{timeline:08X}{0:08X}{number:08X}"


def test_names_in_an_archive_are_told_apart():
    digest = "0123456789abcdef0123456789abcdef01234567"
    names = [
        f"{segment(3)}-{digest}.zst",
        f"{segment(4)}-{digest}",
        f"{segment(5)}.partial-{digest}.zst",
        "00000002.history",
        "archive.info",
    ]
    assert segments(names) == {segment(3), segment(4)}
    assert histories(names) == {"00000002.history"}


def test_folders_are_compared_from_the_newest_on_that_the_second_has():
    first = ["0000000100000000", "0000000100000001", "0000000200000001", "00000002.history"]
    assert folders_to_compare(first, []) == first[:3]
    assert folders_to_compare(first, ["0000000100000001"]) == first[1:3]


def test_nothing_waits_while_a_segment_is_written():
    lag = ArchiveLag()
    assert lag.seconds(segment(3), segment(2), 100.0) == 0
    assert lag.seconds(segment(3), segment(2), 900.0) == 0


def test_wal_waits_from_the_beginning_of_the_oldest_segment_that_is_not_there():
    lag = ArchiveLag()
    for number in (3, 4, 5):
        lag.seconds(segment(number), segment(2), 100.0 + number)
    assert lag.seconds(segment(6), segment(2), 110.0) == 110.0 - 103.0
    assert lag.seconds(segment(6), segment(4), 110.0) == 110.0 - 105.0


def test_a_repository_that_has_nothing_has_waited_since_the_first_look():
    lag = ArchiveLag()
    lag.seconds(segment(3), "", 100.0)
    assert lag.seconds(segment(4), "", 130.0) == 30.0


def test_a_new_timeline_begins_anew():
    lag = ArchiveLag()
    lag.seconds(segment(3), segment(1), 100.0)
    assert lag.seconds(segment(3, timeline=2), segment(2), 200.0) == 0


def test_what_is_remembered_of_a_repository_that_is_away_for_long_is_bounded():
    lag = ArchiveLag()
    for number in range(3, 203):
        for within in range(250):
            lag.seconds(f"00000001{number:08X}{within:08X}", segment(2), float(number))
    assert len(lag._began) <= ArchiveLag.MOST
    assert lag.seconds("00000001000000FF00000000", segment(2), 500.0) == 500.0 - 3.0


def test_a_gap_is_what_lies_between_a_backup_and_the_newest_segment():
    stored = {segment(number) for number in (1, 2, 3, 5, 6, 8)}
    assert lineage("00000001", "").lacking(stored, segment(2)) == [segment(4), segment(7)]
    assert lineage("00000001", "").lacking(stored, segment(8)) == []


def test_segments_are_numbered_on_over_the_end_of_a_log():
    line = lineage("00000002", "")
    assert line.lacking({"000000020000000100000001"}, "0000000200000000000000FE") == [
        "0000000200000000000000FE",
        "0000000200000000000000FF",
        "000000020000000100000000",
    ]


HISTORY = "1\t0/4000148\tno recovery target specified\n\n3\t0/7000000\tno recovery target specified\n"


def test_a_gap_may_lie_on_a_timeline_that_ended():
    """The segment in which a timeline ended is the next one's."""
    line = lineage("00000004", HISTORY)
    newest = segment(7, 4)
    whole = {segment(2), segment(3), *(segment(number, 3) for number in (4, 5, 6)), newest}
    assert line.lacking(whole, segment(2)) == []
    for name in whole - {newest}:
        assert line.lacking(whole - {name}, segment(2)) == [name]
    assert line.lacking(whole - {newest}, segment(2)) == [], "it is not archived yet"


def test_what_lies_on_a_line_of_timelines():
    """A timeline that ended has segments of after its end where it was left; the others may have branched off anywhere."""
    line = lineage("00000004", HISTORY)
    on_it = [segment(3), segment(4, 3), segment(6, 3), segment(7, 4), segment(99, 4)]
    beside_it = [segment(4), segment(9), segment(3, 3), segment(7, 3), segment(6, 4), segment(5, 2), segment(9, 5)]
    assert [name for name in on_it + beside_it if line.has(name)] == on_it
    assert [(end.timeline, end.position, follower) for end, follower in line.followers()] == [
        ("00000001", "0/4000148", "00000003"),
        ("00000003", "0/7000000", "00000004"),
    ]
    assert lineage("00000001", "").followers() == []


def test_what_a_restore_has_left_is_told_by_when_the_timeline_began():
    history = "1\t0/3000148\tbefore 2026-11-30 12:00:00.5+00\n\n2\t0/5000148\tno recovery target specified\n"
    line, noon = lineage("00000003", history), datetime(2026, 11, 30, 12, tzinfo=UTC)
    assert [(end.timeline, end.number) for end in line.ends] == [("00000001", 3), ("00000002", 5)]
    began = {"00000002": (noon + timedelta(hours=1)).timestamp(), "00000003": (noon + timedelta(hours=2)).timestamp()}
    seconds = {-1: False, 0.4: False, 0.6: True, 3599: True, 3601: False, 7199: False, 9000: False}
    assert {each: line.left(noon + timedelta(seconds=each), began) for each in seconds} == seconds


class Archives:
    """Two of them behind a server on its second timeline, which began within segment 6, in place of the programs."""

    def __init__(self, monkeypatch) -> None:
        self.stored = {1: {segment(2), segment(3), segment(6, 2)}, 2: {segment(2), segment(3), segment(6, 2)}}
        self.kept = {segment(4), segment(5)}
        self.away: set[int] = set()
        monkeypatch.setattr(pgbackrest, "configured", lambda: [1, 2])
        monkeypatch.setattr(pgbackrest, "server_lineage", lambda: lineage("00000002", "1\t0/6000148\tno recovery target specified\n"))
        monkeypatch.setattr(pgbackrest, "stored_segments", lambda _stanza, repository, _first: set(self.stored[repository.number]))
        monkeypatch.setattr(pgbackrest, "kept_segments", lambda: {name: name for name in self.kept})
        monkeypatch.setattr(pgbackrest, "push_wal", self.push)
        monkeypatch.setattr(pgbackrest, "copy_wal", self.copy)

    def push(self, name: str) -> None:
        for number in {1, 2} - self.away:
            self.stored[number].add(name)
        if self.away:
            raise pgbackrest.Failed("a repository is away")

    def copy(self, name: str, _folder) -> None:
        if name not in self.stored[1]:
            raise pgbackrest.Failed(f"{name} is not there")
        self.stored[2].add(name)


@pytest.fixture
def archives(monkeypatch):
    return Archives(monkeypatch)


@pytest.fixture
def job(archives, tmp_path):
    made = Job("micro-sayur", tmp_path, tmp_path)
    backup = Backup(kind="full", began=1, ended=2, bytes=1000, label="", first_wal=segment(2), last_wal=segment(2))
    for each in made.keepers:
        each.known = Repository(each.number, "", False, (backup,), "15-1", segment(6, 2), 1)
        each.written = segment(7, 2)
    return made


def renewed(job: Job) -> list[int]:
    return [each.number for each in job.keepers if each.is_renewed]


def test_what_a_new_primary_was_sent_is_archived(job, archives):
    job.complete_archives()
    assert {segment(4), segment(5)} <= archives.stored[1] & archives.stored[2]
    assert renewed(job) == []


def test_what_is_lost_makes_a_backup_due_in_both_and_stops_nothing(job, archives):
    archives.kept = {segment(4)}
    job.complete_archives()
    assert segment(4) in archives.stored[1] & archives.stored[2]
    assert renewed(job) == [1, 2]
    assert job.complete == {1: "00000002", 2: "00000002"}
    job.complete_archives()
    assert "\nsayur_backup_lost_segments_total 1\n" in job.metrics, "each is counted once"


def test_a_backup_of_what_a_restore_left_makes_another_due(job, archives):
    """From the one before it the WAL is completed meanwhile."""
    for each in job.keepers:
        left = Backup(kind="full", began=3, ended=4, bytes=1000, label="", first_wal=segment(7), last_wal=segment(7))
        each.known = dataclasses.replace(each.known, backups=(*each.known.backups, left))
    job.complete_archives()
    assert renewed(job) == [1, 2]
    assert {segment(4), segment(5)} <= archives.stored[1] & archives.stored[2]
    assert segment(7) not in archives.stored[1]


def test_a_second_repository_that_is_away_gets_it_from_the_first_later(job, archives):
    archives.away = {2}
    job.complete_archives()
    assert {segment(4), segment(5)} <= archives.stored[1]
    job.complete_archives()
    archives.away, archives.kept = set(), set()
    job.complete_archives()
    assert {segment(4), segment(5)} <= archives.stored[2]
    assert renewed(job) == []


def test_a_timeline_is_looked_at_once(job, archives, monkeypatch):
    job.complete_archives()
    monkeypatch.setattr(pgbackrest, "server_lineage", lambda: pytest.fail("asked again"))
    job.complete_archives()
