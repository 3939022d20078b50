# SPDX-License-Identifier: Apache-2.0
"""The weekly drill, with the real aws, and moto for RDS. moto restores no data, knows no password, reads no policy, is never busy and
always up to date. So what is looked at is a PostgreSQL of these tests: AWS (below) tells it the new password, and libpq is sent to it
whatever the host is called. AWS plays a busy RDS too."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from workspace import REGION, Workspace

from harness.packages import REPOSITORY
from harness.postgres import Postgres
from harness.processes import Session

pytestmark = pytest.mark.timeout(600)
SCRIPT, SOURCE, GROUP = "tools/ci/restore_drill.sh", "micro-sayur-staging", "sg-0123456789abcdef0"
SERVICES = ("user-service", "notification-service")
NAME = f"{SOURCE}-drill-weekly"
AWS = r"""#!/usr/bin/env python3
import os, pathlib, re, subprocess, sys
words = sys.argv[2:]
asked = pathlib.Path(os.environ["ASKED"])
before = asked.read_text().splitlines() if asked.exists() else []
asked.write_text("\n".join([*before, " ".join(words), ""]))
if words[0] == os.environ.get("FAILS"):
    sys.exit("AccessDenied: it fails, as it was told to")
if os.environ.get("BUSY"):
    restored = [line for line in before if line.startswith("restore")]
    if restored and words[0] == "describe-db-instances" and before[-1].startswith("restore"):
        sys.exit(print("creating"))
    if words[0] == "delete-db-instance" and not any(line.startswith("delete") for line in before):
        sys.exit("InvalidDBInstanceState: it is being backed up")
if words[0] == "modify-db-instance":
    password = pathlib.Path(words[words.index("--master-user-password") + 1].removeprefix("file://")).read_text().strip()
    assert re.fullmatch("[0-9a-f]{48}", password)
    pathlib.Path(os.environ["PASSWORD"]).write_text(password)
    subprocess.run(os.environ["ALTER"].split(), input=f"ALTER ROLE micro_sayur PASSWORD '{password}'", text=True, check=True)
sys.exit(subprocess.run([os.environ["REAL_AWS"], "rds", *words]).returncode)
"""


@pytest.fixture(scope="module")
def database():
    """With the tables of both services and an account."""
    with Session() as session:
        running = Postgres(session)
        running.start()
        # RDS's first role may make extensions, which here a superuser may.
        running.run_sql("CREATE ROLE micro_sayur LOGIN SUPERUSER")
        running.run_sql("CREATE DATABASE micro_sayur OWNER micro_sayur")
        for service in ("user", "notification"):
            running.run_sql(f"CREATE SCHEMA {service}_service", "micro_sayur")
            files = sorted((REPOSITORY / f"services/{service}-service/migrations/postgres").glob("*.sql"))
            running.run_sql(f"SET search_path = {service}_service;" + "".join(file.read_text() for file in files), "micro_sayur")
            made = f"CREATE TABLE {service}_service.schema_migrations AS SELECT {len(files)}::bigint AS version"
            running.run_sql(made, "micro_sayur")
        register(running, "ani", datetime.now(UTC) - timedelta(hours=1))
        yield running


def register(database, name: str, at: datetime) -> None:
    columns = "id, email, email_key, name, locale, password_hash, status, roles, version, event_sequence, created_at, updated_at"
    values = f"gen_random_uuid(), '{name}', '{name}', '{name}', 'id', '', 'active', '', 1, 1, '{at.isoformat()}', now()"
    database.run_sql(f"INSERT INTO user_service.accounts ({columns}) VALUES ({values})", "micro_sayur")


@pytest.fixture(scope="module")
def source(client, database):
    """The database of staging, as far as moto knows one."""
    rds, ec2 = client("rds"), client("ec2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:2]]
    rds.create_db_subnet_group(DBSubnetGroupName=SOURCE, DBSubnetGroupDescription="data", SubnetIds=subnets)
    rds.create_db_parameter_group(DBParameterGroupName=f"{SOURCE}-postgres15", DBParameterGroupFamily="postgres15", Description="tls")
    rds.create_db_instance(
        DBInstanceIdentifier=SOURCE,
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        Port=database.port,
        MasterUsername="micro_sayur",
        ManageMasterUserPassword=True,
        DBSubnetGroupName=SOURCE,
        DBParameterGroupName=f"{SOURCE}-postgres15",
    )
    yield rds
    rds.delete_db_instance(DBInstanceIdentifier=SOURCE, SkipFinalSnapshot=True)
    rds.delete_db_subnet_group(DBSubnetGroupName=SOURCE)
    rds.delete_db_parameter_group(DBParameterGroupName=f"{SOURCE}-postgres15")


@pytest.fixture
def drill(servers, database, source, tmp_path):
    """drill(WORD..., code, VARIABLE=value...): what the script says; drill.asked(): the commands of aws rds that it ran."""
    moto, minio = servers
    database.run_sql("DROP SCHEMA IF EXISTS restore_drill CASCADE", "micro_sayur")  # a restored database is new each time
    real = shutil.which("aws")
    assert real, "aws is needed: tools/ci/tools.sh installs it"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/aws").write_text(AWS)
    (tmp_path / "bin/aws").chmod(0o755)
    made = Workspace(tmp_path / "work")
    login = f"-h {database.host} -p {database.port} -U {database.user} -d postgres"
    libraries = " ".join(f"{key}={value}" for key, value in database._libraries.items())
    variables = {
        "AWS_ACCESS_KEY_ID": minio.user,
        "AWS_SECRET_ACCESS_KEY": minio.password,
        "AWS_ENDPOINT_URL": moto.url,
        "AWS_DEFAULT_REGION": REGION,
        "ASKED": str(tmp_path / "asked"),
        "PASSWORD": str(tmp_path / "password"),
        "REAL_AWS": real,
        "ALTER": f"env {libraries} PGPASSWORD={database.password} {database.programs}/psql -X -q {login}",
        "DRILL_SECURITY_GROUP": GROUP,
        "DRILL_POLL_SECONDS": "0",
        "DRILL_WAIT_SECONDS": "300",
        "PGHOSTADDR": database.host,
        "PGSSLMODE": "verify-ca",
        "PGSSLROOTCERT": str(database.session.certificates.authority),
        "PATH": f"{tmp_path / 'bin'}:{database.programs}:{os.environ['PATH']}",
    }

    def run(*words: str, code: int = 0, **changed: str) -> str:
        return made.run(SCRIPT, *words, code=code, **database._libraries | variables | changed)

    run.asked = lambda: [line for line in (tmp_path / "asked").read_text().splitlines() if not line.startswith("describe")]
    run.password = tmp_path / "password"
    yield run
    if NAME in instances(source):
        source.delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True)


def instances(source) -> set[str]:
    return {each["DBInstanceIdentifier"] for each in source.describe_db_instances()["DBInstances"]}


def test_a_drill_prints_both_numbers_and_leaves_nothing(drill, source, tmp_path):
    began = datetime.now(UTC)
    said = drill("run", NAME, GITHUB_STEP_SUMMARY=str(tmp_path / "summary"))
    print(said)
    newest = {name: len(list((REPOSITORY / "services" / name / "migrations/postgres").glob("*.sql"))) for name in SERVICES}
    assert f"\nschemas: user_service {newest['user-service']}, notification_service {newest['notification-service']}\n" in said
    assert re.search(r"^user_service.accounts: 1 rows, the newest [1-3]\d\d\d s before that moment$", said, re.MULTILINE)
    assert re.search(r"^amcheck: [1-9]\d+ indexes are whole$", said, re.MULTILINE)
    assert re.search(r"^amcheck: [1-9]\d tables are whole$", said, re.MULTILINE)
    assert re.search(r"^RTO \d+ s \(goal 14400\), RPO \d+ s \(goal 3600\)$", said, re.MULTILINE)
    assert (tmp_path / "summary").read_text() in said
    assert drill.password.read_text() not in said
    asked = drill.asked()[0]
    assert asked.startswith(
        f"restore-db-instance-to-point-in-time --source-db-instance-identifier {SOURCE} --target-db-instance-identifier {NAME}"
    )
    assert f"--db-subnet-group-name {SOURCE} --db-parameter-group-name {SOURCE}-postgres15 --vpc-security-group-ids {GROUP}" in asked
    moment = datetime.fromisoformat(re.search(r"--restore-time (\S+)", asked)[1])
    assert began - timedelta(seconds=1) <= moment + timedelta(minutes=10) <= datetime.now(UTC)
    assert instances(source) == {SOURCE, NAME}
    assert f"there is no {NAME}" in drill("delete", NAME)
    assert instances(source) == {SOURCE}
    assert source.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"] == []


def test_it_waits_while_rds_is_busy_and_deletes_what_an_earlier_drill_left(drill, source):
    source.restore_db_instance_to_point_in_time(SourceDBInstanceIdentifier=SOURCE, TargetDBInstanceIdentifier=NAME)
    said = drill("run", NAME, BUSY="yes")
    assert "not deleted yet: InvalidDBInstanceState: it is being backed up" in said
    assert "RTO" in said
    assert [line.split()[0] for line in drill.asked()] == [
        "delete-db-instance",
        "delete-db-instance",
        "restore-db-instance-to-point-in-time",
        "modify-db-instance",
    ]


@pytest.mark.parametrize("action", ["run", "delete"])
@pytest.mark.parametrize("name", [SOURCE, "micro-sayur-production", f"{SOURCE}-drill-", f"x-{NAME}", ""])
def test_another_name_is_refused(drill, source, action, name, tmp_path):
    assert f'"{name}" does not begin with {SOURCE}-drill-' in drill(action, name, code=64)
    assert not (tmp_path / "asked").exists(), "RDS was not even asked"


@pytest.mark.parametrize(
    ("failing", "action", "sentence"),
    [
        ("describe-db-instances", "delete", f"RDS does not say what {NAME} is: AccessDenied"),
        ("restore-db-instance-to-point-in-time", "run", "RDS restores nothing"),
        ("modify-db-instance", "run", f"{NAME} took no new password"),
    ],
)
def test_what_failed_is_said(drill, failing, action, sentence):
    assert sentence in drill(action, NAME, code=1, FAILS=failing)


def test_an_instance_that_stays_is_not_called_gone(drill, source):
    source.restore_db_instance_to_point_in_time(SourceDBInstanceIdentifier=SOURCE, TargetDBInstanceIdentifier=NAME)
    said = drill("delete", NAME, code=1, FAILS="delete-db-instance", DRILL_WAIT_SECONDS="1")
    assert "was not deleted: delete it by hand, it costs money" in said


@pytest.mark.parametrize("goal", [{"RTO_GOAL": "-1"}, {"RPO_GOAL": "-1"}], ids=str)
def test_over_a_goal(drill, goal):
    assert "that is over the goal" in drill("run", NAME, code=1, **goal)


def test_no_database_to_restore(drill, source):
    source.modify_db_instance(DBInstanceIdentifier=SOURCE, NewDBInstanceIdentifier="elsewhere", ApplyImmediately=True)
    try:
        assert f"there is no {SOURCE}" in drill("run", NAME, code=1)
    finally:
        source.modify_db_instance(DBInstanceIdentifier="elsewhere", NewDBInstanceIdentifier=SOURCE, ApplyImmediately=True)


def test_nobody_is_let_in(drill):
    """As by default: the certificate has to be for the host, which that of these tests is not."""
    said = drill("run", NAME, code=1, PGSSLMODE="verify-full", DRILL_WAIT_SECONDS="2")
    assert re.search(f'{NAME} let nobody in: .* does not match host name "{NAME}[.]', said)


def test_rows_of_after_the_moment(drill, database):
    register(database, "budi", datetime.now(UTC))
    try:
        assert "1 rows are newer than the moment that was restored" in drill("run", NAME, code=1)
    finally:
        database.run_sql("DELETE FROM user_service.accounts WHERE name = 'budi'", "micro_sayur")


def test_an_index_that_lacks_a_row(drill, database):
    """No checksum tells that: the page is as it was written."""
    catalogue = "UPDATE pg_index SET indisready = {} WHERE indexrelid = 'user_service.accounts_email_key_unique'::regclass"
    database.run_sql(catalogue.format(False), "micro_sayur")
    register(database, "budi", datetime.now(UTC) - timedelta(hours=1))
    database.run_sql(catalogue.format(True), "micro_sayur")
    try:
        said = drill("run", NAME, code=1)
        assert 'lacks matching index tuple within index "accounts_email_key_unique"' in said
        assert "amcheck found a fault" in said
    finally:
        database.run_sql("DELETE FROM user_service.accounts WHERE name = 'budi'", "micro_sayur")
        database.run_sql("REINDEX TABLE user_service.accounts", "micro_sayur")


def test_not_one_account(drill, database):
    database.run_sql("DELETE FROM user_service.accounts", "micro_sayur")
    assert "there is not one account" in drill("run", NAME, code=1)


def test_the_workflow_deletes_whatever_happened():
    """With keys that live as long as the job, and with time left for it."""
    (job,) = yaml.safe_load((REPOSITORY / ".github/workflows/restore-drill.yml").read_text())["jobs"].values()
    keys, run, delete = job["steps"][1:]
    assert (run["run"], delete["run"]) == (f'{SCRIPT} run "$NAME"', f'{SCRIPT} delete "$NAME"')
    assert delete["if"] == "always()"
    assert run["timeout-minutes"] + delete["timeout-minutes"] < job["timeout-minutes"]
    assert job["timeout-minutes"] * 60 < keys["with"]["role-duration-seconds"]
    assert job["env"]["NAME"] == NAME
