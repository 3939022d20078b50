# SPDX-License-Identifier: Apache-2.0
"""The primary is lost with WAL that it has not archived. Its standby has that WAL, marks it as archived, and begins a timeline of its own:
the backup job brings what is missing, and a backup of before is good up to now."""

from __future__ import annotations

import re

import pytest

from data.cluster import Cluster
from harness.client import wait_until
from harness.patroni import Node, ReplicatedPostgres
from harness.pgbackrest import Restored
from harness.processes import Session

pytestmark = pytest.mark.timeout(600)
SEGMENTS = 5


class ReplicatedCluster(Cluster):
    def _make_database(self) -> ReplicatedPostgres:
        return ReplicatedPostgres(self.session, self.backups.server_settings(), self.backups.environment("server"))

    def job_environment(self) -> dict[str, str]:
        return self.backups.job_environment_of_nodes(self.database.nodes)

    def close(self) -> None:
        self.database.close()
        super().close()


@pytest.fixture
def cluster():
    with_standbys = ReplicatedCluster()
    try:
        with_standbys.begin()
        yield with_standbys
    finally:
        with_standbys.close()


def takes_writes(node: Node, lost: Node) -> bool:
    return node is not lost and node.run_sql("select pg_is_in_recovery()") == "f"


def test_no_wal_is_missing_after_a_failover(cluster, capfd):
    database, folder = cluster.database, cluster.backups.repository(1)
    hidden = folder.with_name("hidden")
    folder.rename(hidden)
    folder.touch()
    lost = database.primary
    for _ in range(SEGMENTS):
        cluster.write()
        database.run_sql("select pg_switch_wal()")
    kept = int(database.run_sql("select count(*) from written"))
    lost.kill()
    folder.unlink()
    hidden.rename(folder)
    wait_until(lambda: takes_writes(database.primary, lost), 60, "another primary")
    cluster.write()
    database.run_sql("select pg_switch_wal()")
    wait_until(lambda: any(name.startswith("00000002") for name in cluster.segments(1)), 60, "WAL of the new timeline")
    wait_until(lambda: len([name for name in cluster.segments(1) if name.startswith("00000001")]) >= SEGMENTS, 60, "WAL of the old one")
    cluster.wait_copied()
    with Session() as session:
        restored = Restored(session, cluster.backups, lost, "--repository=2")
        restored.start()
        restored.wait_promoted()
        found = int(restored.run_sql("select count(*) from written"))
    with capfd.disabled():
        print(f"\nrestored from a backup of before the fail-over: {found} of {kept + 1} rows")
    assert found == kept + 1


def test_what_nobody_has_any_more_is_named_and_makes_a_backup_due(cluster):
    database = cluster.database
    cluster.stop_job()
    lost = database.primary
    for _ in range(SEGMENTS):
        cluster.write()
        database.run_sql("select pg_switch_wal()")
    wait_until(lambda: len(cluster.segments(1)) >= SEGMENTS, 60, "WAL in the first repository")
    lost.kill()
    wait_until(lambda: takes_writes(database.primary, lost), 60, "another primary")
    cluster.write()
    database.run_sql("select pg_switch_wal()")
    wait_until(lambda: any(name.startswith("00000002") for name in cluster.segments(1)), 60, "WAL of the new timeline")
    gone = [file for file in cluster.segment_files(1) if file.name.startswith("00000001")][-2]
    gone.unlink()
    (database.primary.cluster / "pg_wal" / gone.name[:24]).unlink(missing_ok=True)
    done = cluster.verify()
    assert done.returncode == 1
    assert re.search(rf"repository 1 lacks \d segments of WAL, the first of them {gone.name[:24]}", done.stderr), done.stderr
    cluster.start_job()
    wait_until(lambda: cluster.verify().returncode == 0, 90, "a new backup, from which all can be restored")
    newest = cluster.segments(1)[-1]
    wait_until(lambda: newest in cluster.segments(2), 60, "the second repository, which goes on")
