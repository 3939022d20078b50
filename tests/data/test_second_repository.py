# SPDX-License-Identifier: Apache-2.0
"""The second repository is away: the first goes on, the server's disk does not fill, and afterwards nothing is missing."""

from __future__ import annotations

import time

import pytest

from harness.client import wait_until

pytestmark = pytest.mark.timeout(300)

AWAY_SECONDS = 30
SEGMENT_SECONDS = 4  # archive_timeout


@pytest.fixture
def away(cluster):
    """The second repository, under another name for as long."""
    folder = cluster.backups.repository(2)
    hidden = folder.with_name("hidden")
    folder.rename(hidden)
    folder.touch()
    yield folder
    if hidden.exists():
        folder.unlink()
        hidden.rename(folder)


def test_the_first_goes_on_and_the_second_catches_up(cluster, away):
    before, waiting, lags = cluster.segments(1), [], []
    deadline = time.monotonic() + AWAY_SECONDS
    while time.monotonic() < deadline:
        cluster.write()
        time.sleep(0.5)
        waiting.append(cluster.waiting_wal())
        lags.append(cluster.sample("archive_lag_seconds", 1) or 0.0)
    assert len(cluster.segments(1)) - len(before) >= AWAY_SECONDS // SEGMENT_SECONDS - 2
    assert max(waiting) <= 2, "segments that the server has to keep"
    assert max(lags) < 2 * SEGMENT_SECONDS
    wait_until(lambda: (cluster.sample("archive_lag_seconds", 2) or 0) > AWAY_SECONDS / 2, 30, "the second's lag in the metrics")
    away.unlink()
    away.with_name("hidden").rename(away)
    cluster.wait_copied()
    done = cluster.verify()
    assert done.returncode == 0, done.stderr
    assert "repository 2: restored" in done.stdout


def test_a_job_that_was_away_makes_up_for_it(cluster):
    assert cluster.stop_job() == 0
    for _ in range(3):
        cluster.write()
        cluster.database.run_sql("select pg_switch_wal()")
    wait_until(lambda: cluster.waiting_wal() == 0, 30, "the first repository, which needs no job")
    assert cluster.segments(1) != cluster.segments(2)
    cluster.start_job()
    cluster.wait_copied()


def test_the_first_away_is_felt_by_the_server_and_passes(cluster):
    """Nothing else may be lost then: it waits for the first."""
    folder = cluster.backups.repository(1)
    hidden = folder.with_name("hidden")
    folder.rename(hidden)
    folder.touch()
    try:
        cluster.write()
        cluster.database.run_sql("select pg_switch_wal()")
        wait_until(lambda: cluster.waiting_wal() > 0, 30, "a segment that waits")
    finally:
        folder.unlink()
        hidden.rename(folder)
    wait_until(lambda: cluster.waiting_wal() == 0, 60, "everything archived")
    cluster.wait_copied()


def test_wal_leaves_in_time_after_a_restart_of_the_server(cluster):
    cluster.database.restart()
    for _ in range(2):  # the first may be the one that the shutdown began
        before = cluster.segments(1)
        cluster.write()
        wait_until(lambda b=before: cluster.segments(1) != b, 3 * SEGMENT_SECONDS, "a segment in the first repository")
