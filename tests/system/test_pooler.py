# SPDX-License-Identifier: Apache-2.0
"""A PgBouncer that was put in front of PostgreSQL: what is missing is told, and serving begins when it is there."""

from contextlib import contextmanager

import pytest

from harness.client import wait_until
from harness.pgbouncer import PgBouncer, role_settings
from harness.processes import free_port
from harness.service import Service

pytestmark = pytest.mark.mode("distributed")

ROLE = "pooled"


@pytest.fixture(scope="module")
def pooler(stack):
    postgres = stack.servers["postgres"]
    made = PgBouncer(stack.session, postgres)
    made.start()
    postgres.run_sql(f"create role {ROLE} superuser login password 'password of the role'")
    yield made
    made.stop()


@contextmanager
def started(stack, pooler, kind: str):
    port = free_port()
    login = {"DB_USER": ROLE, "DB_PASSWORD_FILE": stack.secret_file("pooled", "password of the role")}
    changed = login | {"DB_PORT": str(pooler.port), "DB_POOLER": kind, "HTTP_PORT": str(port)}
    service = Service(stack.session, stack.user_service.program, stack.user_service.env | changed, [port])
    service.start(wait=False)
    try:
        yield service
    finally:
        service.stop()


def expect_told(service: Service, *words: str) -> None:
    wait_until(lambda: all(word in service.log_text() for word in words), 20, f"{words}")
    assert not service.is_ready(service.ports[0])


def change_role(stack, *statements: str) -> None:
    """With new sessions in the pooler."""
    for each in (*statements, f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{ROLE}'"):
        stack.servers["postgres"].run_sql(each)


def test_a_role_without_settings_is_refused_with_the_statements_that_mend_it(stack, pooler):
    mending = [each for each in role_settings(ROLE, stack.servers["postgres"].database) if "isolation" not in each]  # as by default
    assert len(mending) == 3
    with started(stack, pooler, "transaction") as service:
        expect_told(service, *mending)
        change_role(stack, *mending)
        service.wait_ready()


@pytest.mark.parametrize("setting", ["statement_timeout", "idle_in_transaction_session_timeout", "default_transaction_isolation"])
def test_a_role_that_lacks_one_setting_or_has_another_is_refused(stack, pooler, setting):
    database = stack.servers["postgres"].database
    all_of_them = role_settings(ROLE, database)
    (mending,) = [each for each in all_of_them if f" SET {setting} " in each]
    other = "serializable" if setting == "default_transaction_isolation" else "60s"
    change_role(stack, *all_of_them, f"ALTER ROLE {ROLE} IN DATABASE {database} SET {setting} = '{other}'")
    with started(stack, pooler, "transaction") as service:
        expect_told(service, mending, "the role has other settings")
        assert "search_path" not in service.log_text()
        change_role(stack, mending)
        service.wait_ready()


@pytest.mark.parametrize("setting", ["statement_timeout", "idle_in_transaction_session_timeout"])
@pytest.mark.parametrize("time", ["500ms", "0"])
def test_a_role_may_have_shorter_times_but_none_without_end(stack, pooler, setting, time):
    database = stack.servers["postgres"].database
    change_role(stack, *role_settings(ROLE, database), f"ALTER ROLE {ROLE} IN DATABASE {database} SET {setting} = '{time}'")
    with started(stack, pooler, "transaction") as service:
        if time == "0":
            expect_told(service, f"{setting} is 0 in its sessions")
        else:
            service.wait_ready()


def test_a_pooler_that_nobody_named_is_told(stack, pooler):
    with started(stack, pooler, "none") as service:
        expect_told(service, "unsupported startup parameter", "DB_POOLER")


def test_a_schema_is_migrated_without_one(stack, pooler):
    for service in stack.services.values():
        refused = service.try_run("migrate", env=service.env | {"DB_POOLER": "transaction"})
        assert refused.returncode == 78
        assert "DB_POOLER: a schema is migrated without a pooler" in refused.stderr
