# SPDX-License-Identifier: Apache-2.0
"""The backup job's rules: which backup is due, what it says of itself; whom it notes as erased is in test_backup_erasures.py."""

from __future__ import annotations

import sys

import pytest

from harness.packages import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "deployments" / "data" / "backup"))

import backup_pgbackrest as pgbackrest
from backup_job import Job
from backup_keeper import Complaints, Keeper
from backup_metrics import samples
from backup_schedule import Backup, Repository, due, repositories
from backup_verify import least_settings, room
from backup_wal import lineage

DAY, HOUR = 24 * 3600, 3600
NOW = 1_790_000_000


def segment(number: int, timeline: int = 1) -> str:
    return f"{timeline:08X}{0:08X}{number:08X}"


def repository(*backups: Backup, number: int = 1, fault: str = "") -> Repository:
    return Repository(number=number, fault=fault, has_no_stanza=False, backups=backups, cluster="15-1", newest_wal="", system=1)


def made(kind: str, ago: int) -> Backup:
    return Backup(kind=kind, began=NOW - ago - 10, ended=NOW - ago, bytes=1000, label="", first_wal=segment(1), last_wal=segment(1))


@pytest.mark.parametrize(
    ("backups", "wanted"),
    [
        ([], "full"),
        ([made("full", HOUR // 2)], None),
        ([made("full", 2 * HOUR)], "incr"),
        ([made("full", 2 * HOUR), made("incr", HOUR // 2)], None),
        ([made("full", 2 * HOUR), made("incr", HOUR)], "incr"),
        ([made("full", DAY), made("incr", 60)], "full"),
        ([made("full", -2 * HOUR)], "full"),  # the clock was set back
    ],
)
def test_a_backup_is_due_by_the_age_of_the_last_ones(backups, wanted):
    assert due(repository(*backups), NOW) == wanted


def at(began: int, first: str, last: str | None = None) -> Backup:
    return Backup("full", began, began + 10, 1000, f"of-{began}", first, last or first)


def test_a_restore_replays_from_the_last_backup_that_ended_in_a_second_before():
    first, second, third = (at(began, segment(number)) for number, began in enumerate((100, 200, 300), 1))
    one, line = repository(first, second, third), lineage("00000001", "")
    assert one.replayed(line, None) == (third, "")
    assert one.replayed(line, 999.5) == (third, "")
    assert one.replayed(line, 250.0) == (second, segment(3))
    assert one.replayed(line, 210.9) == (first, segment(3)), "pgBackRest compares whole seconds"
    assert one.replayed(line, 211.0) == (second, segment(3))
    assert one.replayed(line, 110.0) == (None, segment(2))


def test_a_restore_begins_and_ends_with_backups_of_the_timelines_that_it_follows():
    """At 250 somebody went back to 150; what was written in between was left."""
    kept, left, beyond, new = at(100, segment(1)), at(200, segment(8)), at(210, segment(2), segment(4)), at(300, segment(4, 2))
    one = repository(kept, left, beyond, new)
    newest, old = lineage("00000002", "1\t0/3000148\tbefore 2026-11-30 12:00:00+00\n"), lineage("00000001", "")
    assert one.replayed(newest, None) == (new, "")
    assert one.replayed(newest, 260.0) == (kept, segment(4, 2))
    assert one.replayed(old, 240.0) == (beyond, ""), "the next backup is of another timeline"
    assert repository(left, beyond).replayed(newest, None) == (None, "")


def info(*, backups=(), archive=(), status=(0, "ok")) -> list[dict]:
    repo = {"key": 1, "status": {"code": status[0], "message": status[1]}}
    return [{"name": "micro-sayur", "repo": [repo], "backup": list(backups), "archive": list(archive), "db": []}]


def test_a_backup_with_damaged_pages_is_none_to_rely_on():
    good = {
        "type": "full",
        "database": {"repo-key": 1},
        "error": False,
        "timestamp": {"start": 1, "stop": 2},
        "info": {"size": 5},
        "label": "20261130-120000F",
        "archive": {"start": segment(1), "stop": segment(2)},
    }
    (found,) = repositories(info(backups=[good, good | {"error": True, "timestamp": {"start": 8, "stop": 9}}]), "micro-sayur")
    assert found.backups == (Backup("full", 1, 2, 5, "20261130-120000F", segment(1), segment(2)),)


def test_after_an_upgrade_the_newest_cluster_counts():
    archive = [
        {"database": {"id": id_, "repo-key": 1}, "id": f"{major}-{id_}", "max": name} for id_, major, name in ((1, 15, "F"), (2, 16, "A"))
    ]
    (found,) = repositories(info(archive=archive), "micro-sayur")
    assert (found.cluster, found.newest_wal) == ("16-2", "A")


def test_what_is_no_stanza_of_ours_has_no_repositories():
    assert repositories(info(), "another") == []


@pytest.mark.parametrize(
    ("code", "usable", "has_no_stanza"), [(0, True, False), (1, False, True), (2, True, False), (3, False, True), (99, False, False)]
)
def test_the_state_of_a_repository(code, usable, has_no_stanza):
    (found,) = repositories(info(status=(code, "why")), "micro-sayur")
    assert (found.fault == "", found.has_no_stanza) == (usable, has_no_stanza)


def test_a_server_that_was_started_or_promoted_is_made_to_look_at_its_time_out(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(pgbackrest, "ask", lambda query, **_: asked.append(query))
    job = Job("micro-sayur", tmp_path, tmp_path)
    job.wake_archiver()
    for started, timeline in (("21:00", 1), ("21:00", 1), ("21:00", 2), ("21:00", 2), ("22:00", 2), ("22:00", 2)):
        job.keepers[0].written, job.keepers[0].server_started = segment(7, timeline), started
        job.wake_archiver()
    assert asked == ["checkpoint"] * 3


def test_metrics_tell_of_the_last_backups_of_each_repository():
    text = samples([repository(made("full", 50), made("incr", 20))], {1: 4.5}, {1: 2}, 10**9).text()
    assert "\nsayur_database_disk_free_bytes 1000000000\n" in text
    assert f'sayur_backup_last_completed_timestamp_seconds{{repository="1",type="full"}} {NOW - 50}' in text
    assert f'sayur_backup_last_completed_timestamp_seconds{{repository="1",type="incr"}} {NOW - 20}' in text
    assert 'sayur_backup_archive_lag_seconds{repository="1"} 4.5' in text
    assert 'sayur_backup_failures_total{repository="1"} 2' in text


def test_a_repository_without_backups_has_one_of_the_year_1970():
    """Which is too old for the alert, from the beginning."""
    text = samples([repository(fault="missing stanza path")], {}, {}, 1).text()
    for kind in ("full", "incr"):
        assert f'sayur_backup_last_completed_timestamp_seconds{{repository="1",type="{kind}"}} 0\n' in text
    assert 'sayur_backup_repository_usable{repository="1"} 0' in text


def test_a_scratch_server_has_what_the_one_had_that_wrote_the_wal():
    said = "wal_level setting:         replica\nmax_connections setting:   160\nmax_prepared_xacts setting:    0\n"
    assert least_settings(said) == {"max_connections": "160", "max_prepared_transactions": "0"}


def test_a_folder_without_room_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("backup_verify.shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    (fault,) = room(repository(made("full", 10)), tmp_path)
    assert "name another folder" in fault
    monkeypatch.setattr("backup_verify.shutil.disk_usage", lambda _: type("Usage", (), {"free": 1200})())
    assert room(repository(made("full", 10)), tmp_path) == []


def test_a_repository_that_hangs_is_told_of_and_keeps_what_was_known(monkeypatch):
    good = repository(made("full", 50))
    monkeypatch.setattr(pgbackrest, "ask_repository", lambda *_: good)
    keeper = Keeper(1, "micro-sayur", Complaints())
    keeper.look()

    def hang(*_: object) -> Repository:
        raise pgbackrest.Failed("timed out")

    monkeypatch.setattr(pgbackrest, "ask_repository", hang)
    keeper.look()
    assert (keeper.known.fault, keeper.known.backups) == ("timed out", good.backups)
    assert not keeper.keep_up(), "nothing is tried where nobody answers"


def test_nothing_is_backed_up_while_it_is_not_known_whether_the_server_is_a_copy(monkeypatch):
    """Another thread makes backups while this one asks."""
    said, seen = [pgbackrest.Copy("it is one"), pgbackrest.Copy("it is one"), pgbackrest.Failed("it replays"), None], []
    keeper = Keeper(1, "micro-sayur", Complaints())
    keeper.known = repository()
    monkeypatch.setattr(pgbackrest, "back_up", lambda *_: pytest.fail("nobody knows yet"))

    def answer() -> tuple[str, str]:
        seen.append((keeper.is_copy, keeper.keep_up()))
        if fault := said.pop(0):
            raise fault
        return segment(3), "21:00"

    monkeypatch.setattr(pgbackrest, "written_segment", answer)
    for _ in range(3):
        with pytest.raises(pgbackrest.Failed):
            keeper.measure_lag()
    assert (keeper.is_copy, keeper.keep_up()) == (None, False)
    keeper.measure_lag()
    assert seen == [(None, False), (True, True), (True, True), (None, False)]
    assert keeper.is_copy is False


@pytest.mark.parametrize(
    ("variables", "lines", "numbers"),
    [
        ({}, "repo1-cipher-pass=a", [1]),
        ({"PGBACKREST_REPO2_PATH": "/second"}, "", [1, 2]),
        ({}, "[global]\nrepo2-path=/second", [1, 2]),
    ],
)
def test_repositories_are_those_that_are_configured(monkeypatch, tmp_path, variables, lines, numbers):
    (tmp_path / "keys.conf").write_text(lines)
    monkeypatch.setenv("PGBACKREST_CONFIG_INCLUDE_PATH", str(tmp_path))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert pgbackrest.configured() == numbers
