# SPDX-License-Identifier: Apache-2.0
"""The second repository in an S3 behind TLS: it fills, is verified, and when it hangs neither the server nor the first waits for it."""

from __future__ import annotations

import json
import shutil
import time

import boto3
import pytest

from data.cluster import Cluster
from harness.certificates import make_certificates
from harness.client import wait_until
from harness.minio import Minio
from harness.pgbackrest import Backups
from harness.processes import Session

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(not shutil.which("minio"), reason="there is no minio: a repository in an S3 was not executed"),
]
BUCKET = "backups"
HUNG_SECONDS = 30


class BackupsInS3(Backups):
    """The second repository in a bucket of MinIO's."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.certificates = make_certificates(session.directory / "certificates")
        self.store = Minio(session, self.certificates)
        self.store.start()
        login = {"aws_access_key_id": Minio.user, "aws_secret_access_key": self.store.password}
        client = boto3.client("s3", endpoint_url=self.store.url, region_name="us-east-1", verify=str(self.certificates.authority), **login)
        client.create_bucket(Bucket=BUCKET)
        lines = f"[global]\nrepo2-s3-key={Minio.user}\nrepo2-s3-key-secret={self.store.password}\n"
        self._write(self.keys["job"] / "s3.conf", lines)

    def environment(self, reader: str = "job") -> dict[str, str]:
        second = {
            "TYPE": "s3",
            "PATH": "/micro-sayur",
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT": "localhost",
            "S3_REGION": "us-east-1",
            "S3_URI_STYLE": "path",
            "STORAGE_PORT": str(self.store.port),
            "STORAGE_CA_FILE": str(self.certificates.authority),
        }
        return super().environment(reader) | (
            {f"PGBACKREST_REPO2_{name}": value for name, value in second.items()} if reader == "job" else {}
        )


@pytest.fixture(scope="module")
def cluster():
    made = Cluster(BackupsInS3)
    try:
        made.database.start()
        made.database.run_sql("create table written (number bigint generated always as identity)")
        made.start_job()
        for number in (1, 2):
            wait_until(lambda n=number: made.sample("last_completed_timestamp_seconds", n, "full"), 90, f"a backup in repository {number}")
        yield made
    finally:
        made.close()


def newest(cluster: Cluster) -> dict[int, str]:
    """The newest segment in each repository."""
    (known,) = json.loads(cluster.backups.run(cluster.database, "info", "--output=json", "--log-level-console=off"))
    return {each["database"]["repo-key"]: each["max"] or "" for each in known["archive"]}


def write(cluster: Cluster) -> str:
    cluster.database.run_sql("insert into written default values")
    segment = cluster.database.run_sql("select pg_walfile_name(pg_current_wal_lsn())")
    cluster.database.run_sql("select pg_switch_wal()")
    return segment.strip()


def test_it_fills_and_is_verified(cluster):
    segment = write(cluster)
    wait_until(lambda: min(newest(cluster).values()) >= segment, 60, f"{segment} in both")
    done = cluster.verify()
    assert done.returncode == 0, done.stderr
    assert "repository 2: restored in" in done.stdout


def test_while_it_hangs_the_first_is_served(cluster, capfd):
    """Connections stand, and nobody answers."""
    cluster.backups.store.pause()
    began, lags = time.monotonic(), []
    try:
        while time.monotonic() - began < HUNG_SECONDS:
            write(cluster)
            time.sleep(1)
            lags.append(cluster.sample("archive_lag_seconds", 1) or 0.0)
        assert max(lags) < 10, lags
        assert cluster.waiting_wal() <= 2, "segments that the server keeps"
        wait_until(lambda: cluster.sample("repository_usable", 2) == 0, 120, "the second called unusable")
        assert cluster.sample("repository_usable", 1) == 1
    finally:
        cluster.backups.store.resume()
    segment = write(cluster)
    wait_until(lambda: min(newest(cluster).values()) >= segment, 120, f"{segment} in both")
    with capfd.disabled():
        print(f"\nsecond repository hung for {time.monotonic() - began:.0f} s: WAL waited at most {max(lags):.1f} s for the first")
