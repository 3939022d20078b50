# SPDX-License-Identifier: Apache-2.0
"""The buckets of pgBackRest's repositories: the root `repositories` on moto; and pgBackRest itself on MinIO, whose buckets get the lock and
whose keys get the policies that moto was told."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError
from moto_lacks import BY_PATH, leave_out
from workspace import BACKUP_REGION, REGION, TERRAFORM, Workspace

from data.cluster import Cluster
from harness.certificates import make_certificates
from harness.client import wait_until
from harness.minio import Minio
from harness.packages import REPOSITORY
from harness.pgbackrest import FOLDER, Backups, Restored
from harness.processes import Session

pytestmark = pytest.mark.timeout(900)
NAME = "owner-micro-sayur-backups"
BUCKETS = {1: f"{NAME}-first", 2: f"{NAME}-second"}
REGIONS = {1: REGION, 2: BACKUP_REGION}
COPIED = "copied"


@pytest.fixture(scope="module")
def repositories(servers, tmp_path_factory):
    moto, minio = servers
    keys = {"AWS_ACCESS_KEY_ID": minio.user, "AWS_SECRET_ACCESS_KEY": minio.password, "AWS_ENDPOINT_URL": moto.url}
    made = Workspace(tmp_path_factory.mktemp("repositories"), keys | {"TF_VAR_name": NAME})
    leave_out(made.folder / TERRAFORM / "modules")
    (made.folder / TERRAFORM / "repositories/moto_override.tf").write_text(BY_PATH)
    made.init("repositories")
    made.terraform("repositories", "apply", "-auto-approve", "-input=false")
    return made


def test_it_is_applied_once(repositories):
    repositories.terraform("repositories", "plan", "-detailed-exitcode", "-input=false")


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"TF_VAR_name": "Backups"}, "begin it with a name that only you use, such as OWNER-micro-sayur-backups."),
        ({"TF_VAR_lock_mode": "NONE"}, "lock_mode must be COMPLIANCE, or GOVERNANCE for a trial."),
        ({"TF_VAR_notice_days": "0"}, "notice_days must be between 1 and 365."),
        ({"TF_VAR_backup_region": REGION}, "backup_region must be a region of AWS other than region."),
    ],
    ids=lambda each: str(each)[:40],
)
def test_refused(repositories, variables, sentence):
    assert sentence in " ".join(repositories.terraform("repositories", "plan", "-input=false", code=1, **variables).split())


def test_a_lock_outlives_what_pgbackrest_keeps(repositories, client):
    """By the week within which a break-in is noticed; the configuration of the deployments says how long backups are kept, but for the day
    until the next full one is as old."""
    kept = {}
    for name in ("pgbackrest.conf", "second.conf"):
        (found,) = re.findall(r"^repo(\d)-retention-full=(\d+)$", (FOLDER / name).read_text(), re.MULTILINE)
        kept[int(found[0])] = int(found[1])
    for number, region in REGIONS.items():
        s3, where = client("s3", region), {"Bucket": BUCKETS[number]}
        assert s3.get_bucket_location(**where)["LocationConstraint"] == region
        assert s3.get_bucket_versioning(**where)["Status"] == "Enabled"
        assert lock(client, number) == {"Mode": "COMPLIANCE", "Days": kept[number] + 1 + 7}
        (rule,) = s3.get_bucket_lifecycle_configuration(**where)["Rules"]
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
        assert set(s3.get_public_access_block(**where)["PublicAccessBlockConfiguration"].values()) == {True}


def lock(client, number: int) -> dict:
    found = client("s3", REGIONS[number]).get_object_lock_configuration(Bucket=BUCKETS[number])["ObjectLockConfiguration"]
    return {name: found["Rule"]["DefaultRetention"][name] for name in ("Mode", "Days")}  # moto adds years


def document(client, name: str) -> str:
    arn = f"arn:aws:iam::123456789012:policy/{NAME}-{name}"
    version = client("iam").get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return json.dumps(client("iam").get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


class LockedBackups(Backups):
    """Both repositories in buckets that are locked as `locks` says, {bucket: its retention}; each reader with keys that can do what
    `policies` say, {reader: its policy}."""

    def __init__(self, session: Session, locks: dict[str, dict], policies: dict[str, str]) -> None:
        super().__init__(session)
        self.certificates = make_certificates(session.directory / "certificates")
        self.store = Minio(session, self.certificates)
        self.store.start()
        self.buckets = dict(BUCKETS)
        for bucket, retention in locks.items():
            configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
            self.root("s3").create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
            self.root("s3").put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=configuration)
        self.logins = {}
        for reader, policy in policies.items():
            made = self.root("sts").assume_role(RoleArn="arn:minio:iam:::role/any", RoleSessionName=reader, Policy=policy)["Credentials"]
            self.logins[reader] = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
            for number in (1, 2) if reader == "job" else (1,):
                self.write_login(reader, number, self.logins[reader])

    def write_login(self, reader: str, number: int, login: tuple[str, ...]) -> None:
        names = ("key", "key-secret", "token")
        lines = [f"repo{number}-s3-{name}={value}" for name, value in zip(names, login, strict=False)]
        self._write(self.keys[reader] / f"s3-{number}.conf", "\n".join(["[global]", *lines, ""]))

    def _client(self, service: str, *login: str):
        names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        keys = dict(zip(names, login, strict=False))
        return boto3.client(service, endpoint_url=self.store.url, region_name="us-east-1", verify=str(self.certificates.authority), **keys)

    def root(self, service: str):
        return self._client(service, Minio.user, self.store.password)

    def as_reader(self, reader: str):
        return self._client("s3", *self.logins[reader])

    def environment(self, reader: str = "job") -> dict[str, str]:
        env = super().environment(reader)
        for number in (1, 2) if reader == "job" else (1,):
            place = {
                "TYPE": "s3",
                "PATH": "/micro-sayur",
                "S3_BUCKET": self.buckets[number],
                "S3_ENDPOINT": "localhost",
                "S3_REGION": "us-east-1",
                "S3_URI_STYLE": "path",
                "STORAGE_PORT": str(self.store.port),
                "STORAGE_CA_FILE": str(self.certificates.authority),
            }
            env |= {f"PGBACKREST_REPO{number}_{name}": value for name, value in place.items()}
        return env


@pytest.fixture(scope="module")
def cluster(repositories, client):
    assert shutil.which("minio"), "minio is needed: ./sayur test terraform installs it"
    locks = {bucket: lock(client, number) for number, bucket in BUCKETS.items()}
    policies = {reader: document(client, reader) for reader in ("server", "job")}
    made = Cluster(lambda session: LockedBackups(session, locks, policies))
    try:
        made.database.start()
        made.database.run_sql("create table written as select generate_series(1, 1000)")
        made.start_job()
        for number in (1, 2):
            wait_until(lambda n=number: made.sample("last_completed_timestamp_seconds", n, "full"), 120, f"a backup in repository {number}")
        yield made
    finally:
        made.close()


def versions(backups: LockedBackups, bucket: str) -> tuple[list[dict], list[dict]]:
    """All versions, and all marks of deletion."""
    pages = list(backups.root("s3").get_paginator("list_object_versions").paginate(Bucket=bucket))
    return tuple([each for page in pages for each in page.get(kind, [])] for kind in ("Versions", "DeleteMarkers"))


def refused(operation, **arguments) -> bool:
    try:
        operation(**arguments)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
    return False


def test_what_pgbackrest_lets_go_is_marked_and_stays(cluster):
    """The job has made a full backup with its own policy, and the server has pushed WAL with its own; a second one lets the first go."""
    keep_one = ("--repo=1", "--repo1-retention-full-type=count", "--repo1-retention-full=1")
    cluster.stop_job()
    cluster.backups.run(cluster.database, "backup", "--type=full", *keep_one)
    (known,) = json.loads(cluster.backups.run(cluster.database, "info", "--repo=1", "--output=json", "--log-level-console=off"))
    assert len(known["backup"]) == 1
    held, marks = versions(cluster.backups, BUCKETS[1])
    gone = {each["Key"] for each in marks}
    assert any("/backup/" in key for key in gone)
    assert gone <= {each["Key"] for each in held}
    print(f"{len(gone)} objects are marked as deleted, {len(held)} versions are there")


def test_nobody_deletes_a_version(cluster):
    """Neither the job's key, nor the store's root, nor root that asks to pass the lock by."""
    held, _ = versions(cluster.backups, BUCKETS[2])
    one = {"Bucket": BUCKETS[2], "Key": held[0]["Key"], "VersionId": held[0]["VersionId"]}
    assert refused(cluster.backups.as_reader("job").delete_object, **one)
    assert refused(cluster.backups.root("s3").delete_object, **one)
    assert refused(cluster.backups.root("s3").delete_object, BypassGovernanceRetention=True, **one)
    assert one["VersionId"] in {each["VersionId"] for each in versions(cluster.backups, BUCKETS[2])[0]}


def test_the_server_can_do_nothing_but_archive(cluster):
    server = cluster.backups.as_reader("server")
    held, _ = versions(cluster.backups, BUCKETS[1])
    archived = next(each["Key"] for each in held if "/archive/" in each["Key"])
    assert not refused(server.get_object, Bucket=BUCKETS[1], Key=archived)
    assert refused(server.delete_object, Bucket=BUCKETS[1], Key=archived)
    assert refused(server.put_object, Bucket=BUCKETS[1], Key="micro-sayur/backup/micro-sayur/backup.info", Body=b"")
    assert refused(server.list_objects_v2, Bucket=BUCKETS[2])


def test_all_that_a_thief_deleted_comes_back(cluster):
    """He has the job's key, and deletes and overwrites all that it lets him. The bucket as it was before is copied into another, from which
    is restored; the first repository is not reached."""
    backups, thief = cluster.backups, cluster.backups.as_reader("job")
    before = [each for each in versions(backups, BUCKETS[2])[0] if each["IsLatest"]]
    moment = max(each["LastModified"] for each in before)
    for each in before:
        thief.put_object(Bucket=BUCKETS[2], Key=each["Key"], Body=b"pay")
        thief.delete_object(Bucket=BUCKETS[2], Key=each["Key"])
    assert thief.list_objects_v2(Bucket=BUCKETS[2])["KeyCount"] == 0
    backups.root("s3").create_bucket(Bucket=COPIED)
    login = {"AWS_ACCESS_KEY_ID": Minio.user, "AWS_SECRET_ACCESS_KEY": backups.store.password, "AWS_DEFAULT_REGION": "us-east-1"}
    where = {"AWS_ENDPOINT_URL": backups.store.url, "AWS_CA_BUNDLE": str(backups.certificates.authority)}
    command = [sys.executable, REPOSITORY / "tools/aws/bucket_as_of.py", BUCKETS[2], COPIED, moment.isoformat()]
    said = subprocess.run(command, env=os.environ | login | where, check=True, capture_output=True, text=True).stdout
    assert said.endswith(f"{len(before)} objects of {BUCKETS[2]}, as they were at {moment.isoformat()}, are in {COPIED}\n")

    cluster.database.stop()
    backups.buckets[2] = COPIED
    backups.write_login("job", 1, ("nobody", "nobody"))
    backups.write_login("job", 2, (Minio.user, backups.store.password))
    restored = Restored(cluster.session, backups, cluster.database, "--repository", "2")
    restored.start()
    assert restored.run_sql("select count(*) from written") == "1000"


@pytest.mark.parametrize(
    ("words", "sentence"), [(["one"], "usage: "), (["a", "b", "yesterday"], "is no time such as 2026-11-29T21:15:00Z")]
)
def test_what_cannot_be_copied(words, sentence):
    done = subprocess.run([sys.executable, REPOSITORY / "tools/aws/bucket_as_of.py", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr
