# SPDX-License-Identifier: Apache-2.0
"""The roles, made by a role that is no superuser: that is what RDS gives."""

from __future__ import annotations

import os

import pytest

from harness.packages import REPOSITORY
from harness.postgres import Postgres
from harness.processes import Session

NAMES = ("database_owner", "user_service_database", "notification_service_database", "exporter_database")


@pytest.fixture(scope="module")
def database():
    with Session() as session:
        running = Postgres(session)
        running.start()
        running.run_sql("CREATE ROLE micro_sayur LOGIN CREATEROLE CREATEDB PASSWORD 'master'")
        running.run_sql("GRANT pg_monitor TO micro_sayur WITH ADMIN OPTION")  # as rds_superuser has it
        running.run_sql("CREATE DATABASE micro_sayur OWNER micro_sayur")
        yield running


@pytest.fixture
def make_roles(database, workspace, tmp_path):
    (workspace.folder / "deployments").mkdir(exist_ok=True)

    def make(code: int = 0, leave_out: str = "") -> str:
        for name in NAMES:
            if name != leave_out:
                (tmp_path / f"{name}_password").write_text(f"{name} it's\n")
        path = f"{database.programs}:{os.environ['PATH']}"
        variables = {"PGHOST": database.host, "PGPORT": str(database.port), "PGUSER": "micro_sayur", "PGPASSWORD": "master", "PATH": path}
        return workspace.run(REPOSITORY / "tools/aws/database_roles.sh", tmp_path, code=code, **database._libraries, **variables)

    return make


def test_a_missing_secret(make_roles):
    assert "there is no" in make_roles(64, leave_out="user_service_database")


def test_the_owner_migrates_and_a_service_cannot(database, make_roles):
    make_roles()
    assert database.run_sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE '%_service' ORDER BY 1", "micro_sayur").split() == [
        "notification_service",
        "user_service",
    ]
    owns = "SELECT has_schema_privilege('{}', 'user_service', 'CREATE')"
    assert [database.run_sql(owns.format(role), "micro_sayur") for role in ("micro_sayur_owner", "user_service")] == ["t", "f"]
    database.run_sql("SET ROLE micro_sayur_owner; CREATE TABLE user_service.trial (id int)", "micro_sayur")
    reads = "SELECT has_table_privilege('{}', 'user_service.trial', 'INSERT')"
    assert [database.run_sql(reads.format(role), "micro_sayur") for role in ("user_service", "notification_service")] == ["t", "f"]


def test_a_second_time_changes_nothing(make_roles):
    said = make_roles(1)
    assert 'role "micro_sayur_owner" already exists' in said
    assert "nothing was changed" in said
