# SPDX-License-Identifier: Apache-2.0
"""Moments of a cluster, and what was written until then."""

from __future__ import annotations

import time
from datetime import datetime

from harness.client import wait_until


def moment(cluster) -> datetime:
    return datetime.fromisoformat(cluster.database.run_sql("select clock_timestamp()"))


def archive(cluster, *repositories: int) -> str:
    """What was written by now, in these repositories, or in both; the name of the segment that was written last."""
    segment = cluster.database.run_sql("select pg_walfile_name(pg_switch_wal())")
    wait_until(lambda: all(segment in cluster.segments(number) for number in repositories or (1, 2)), 60, f"{segment} in the repositories")
    return segment


def restored_rows(cluster, *options: str, is_stopped: bool = False) -> int:
    if not is_stopped:
        cluster.database.stop()
    done = cluster.restore(*options)
    assert done.returncode == 0, done.stderr
    cluster.database.start()
    cluster.database.wait_promoted()
    return cluster.rows()


def settle_moment(cluster) -> str:
    """A moment before and after which nothing is committed for a while."""
    time.sleep(1.1)  # pgBackRest compares whole seconds
    found = moment(cluster)
    time.sleep(1.1)
    cluster.write()
    return found.isoformat()
