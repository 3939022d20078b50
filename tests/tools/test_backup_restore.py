# SPDX-License-Identifier: Apache-2.0
"""backup_restore.py: what it refuses, and what it hands on to the server."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest

from harness.packages import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "deployments" / "data" / "backup"))

import backup_pgbackrest as pgbackrest
from backup_replay import commit_times
from backup_restore import faults_of_folder, faults_of_moment, moment, name_folder, options
from backup_schedule import Backup, Repository

HOUR, NOW = 3600, 1_790_000_000


def test_a_server_gets_where_repositories_are_and_no_secret():
    variables = {
        "PGBACKREST_REPO1_PATH": "/first",
        "PGBACKREST_REPO2_S3_BUCKET": "second",
        "PGBACKREST_REPO2_S3_KEY": "secret",
        "PGBACKREST_REPO2_S3_KEY_SECRET": "secret",
        "PGBACKREST_REPO1_CIPHER_PASS": "secret",
        "PGBACKREST_STANZA": "sayur",
        "PGBACKREST_SPOOL_PATH": "/tmp",
        "PGHOST": "/run",
    }
    assert options(variables) == ["--repo1-path=/first", "--repo2-s3-bucket=second", "--stanza=sayur"]


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-29", "2026-11-29T21:15:00", "2026-13-01T00:00:00Z"])
def test_a_moment_without_zone_or_sense_is_none(text):
    with pytest.raises(ValueError, match=r"zone|isoformat|month"):
        moment(text)


def test_a_moment_is_one_whatever_its_zone():
    assert moment("2026-11-29T21:15:00+07:00") == moment("2026-11-29T14:15:00Z")


def test_a_moment_outside_of_what_a_repository_has_is_refused():
    backup = Backup(kind="full", began=NOW - HOUR - 10, ended=NOW - HOUR, bytes=1000, label="", first_wal="", last_wal="")
    one = Repository(number=1, fault="", has_no_stanza=False, backups=(backup,), cluster="15-1", newest_wal="", system=1)
    assert faults_of_moment(datetime.fromtimestamp(NOW - HOUR + 1, UTC), one) == []
    within = datetime.fromtimestamp(NOW - HOUR + 0.5, UTC)
    assert "the first moment" in faults_of_moment(within, one)[0], "pgBackRest takes a backup that ended in a second before"
    assert (
        "the first moment that repository 1 can be restored to is" in faults_of_moment(datetime.fromtimestamp(NOW - HOUR - 1, UTC), one)[0]
    )
    assert "yet to come" in faults_of_moment(datetime.now(UTC) + timedelta(seconds=60), one)[0]


def test_a_folder_is_kept_unless_it_is_to_be_replaced(tmp_path):
    assert faults_of_folder(tmp_path, replace=False, only_check=False) == []
    (tmp_path / "PG_VERSION").touch()
    assert "is not empty" in faults_of_folder(tmp_path, replace=False, only_check=False)[0]
    assert faults_of_folder(tmp_path, replace=True, only_check=False) == []
    (tmp_path / "postmaster.pid").touch()
    assert "stop it first" in faults_of_folder(tmp_path, replace=True, only_check=False)[0]
    assert faults_of_folder(tmp_path, replace=True, only_check=True) == []
    assert faults_of_folder(tmp_path / "absent", replace=False, only_check=False) == []
    assert "is no folder" in faults_of_folder(tmp_path / "absent" / "one", replace=True, only_check=True)[0]


def test_a_path_that_would_break_the_servers_settings_is_refused(tmp_path):
    for name in ("one's", 'a "b"', "a\\b", "50%", "$HOME", "a`b"):
        folder = tmp_path / name
        folder.mkdir()
        assert "without quotes" in faults_of_folder(folder, replace=False, only_check=False)[0]


@pytest.mark.parametrize("times", [0, 2])
def test_a_folder_that_is_not_named_once_is_no_restore(tmp_path, times):
    settings = tmp_path / "postgresql.auto.conf"
    settings.write_text(f"--pg1-path={tmp_path}/new " * times)
    with pytest.raises(pgbackrest.Failed, match="does not name"):
        name_folder(settings, tmp_path / "new", tmp_path / "data")


WALDUMP = """#!/bin/sh
echo "rmgr: Transaction desc: COMMIT 2026-11-30 12:00:00.250000 UTC"
echo "$SAID" >&2
exit 1
"""


@pytest.mark.parametrize(
    ("said", "is_end"),
    [
        ("pg_waldump: error: error in WAL record at 0/30000D8: invalid record length at 0/3000110: wanted 24, got 0", True),
        ("pg_waldump: error: could not find a valid record after 0/3000000", True),
        ("pg_waldump: error: could not open file", False),
    ],
)
def test_a_segment_that_cannot_be_read_is_not_one_without_commits(monkeypatch, tmp_path, said, is_end):
    """pg_waldump ends with the same code where a segment has no more."""
    program = tmp_path / "pg_waldump"
    program.write_text(WALDUMP)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("SAID", said)
    if is_end:
        assert commit_times(tmp_path / "segment") == [datetime(2026, 11, 30, 12, 0, 0, 250000, tzinfo=UTC)]
    else:
        with pytest.raises(pgbackrest.Failed, match="could not open"):
            commit_times(tmp_path / "segment")
