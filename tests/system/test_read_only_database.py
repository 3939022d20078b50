# SPDX-License-Identifier: Apache-2.0
"""A database that answers and takes no writes: reads go on, writes are refused as what passes by itself, and nothing is restarted."""

from contextlib import ExitStack, contextmanager

import pytest

from harness.client import Api, expect_problem, new_email, new_password, wait_until
from harness.database_load import Load, read_everywhere, written_everywhere
from harness.processes import free_port
from harness.stack import ADMIN_PASSWORD

pytestmark = pytest.mark.mode("distributed")


def restarting(postgres):
    postgres.demote()
    try:
        yield
    finally:
        postgres.promote()


def staying(postgres):
    postgres.fence(True)
    try:
        yield
    finally:
        postgres.fence(False)


@pytest.mark.parametrize("way", [restarting, staying])
def test_a_primary_that_only_reads_serves_reads_and_takes_writes_again(api, repaired, way):
    made = api.new_account()
    with Load(repaired, made) as load:
        wait_until(lambda: 202 in load.writes, 10, "writes")
        with contextmanager(way)(repaired.servers["postgres"]):
            wait_until(lambda: api.user.get("/health").json()["status"] == "degraded", 10, "a degraded health")
            assert api.user.get("/health").json()["services"]["database"] == "unhealthy"
            wait_until(lambda: read_everywhere(repaired, made), 10, "reads on every core")
            load.reads.clear()
            for _ in range(5):
                refused = api.register(new_email(), new_password())
                expect_problem(refused, "unavailable")
                assert int(refused.headers["retry-after"]) >= 1
                assert api.profile(made.bearer).status_code == 200
                for client in (api.user, api.notification):
                    assert client.get("/ready").status_code == 200, "reads, pages and keys go on"
                assert api.user.get("/.well-known/jwks.json").status_code == 200
            wait_until(lambda: len(load.reads) > 20, 10, "reads under load")
            assert set(load.reads) == {200}
        wait_until(lambda: written_everywhere(repaired), 10, "writes on every core")
        wait_until(lambda: api.user.get("/health").json()["status"] == "healthy", 15, "health")
    assert set(load.writes) <= {200, 202, 503}, str(load)
    assert not load.unwaited
    for email in load.registered:
        repaired.wait_for_mails(email, 1, 60)


@pytest.mark.parametrize("way", [restarting, staying])
def test_a_start_while_the_database_only_reads_makes_the_first_administrator_later(api, repaired, way):
    made = api.new_account()
    address = new_email("admin")
    with ExitStack() as demotion:
        demotion.enter_context(contextmanager(way)(repaired.servers["postgres"]))
        with repaired.instance(ADMIN_EMAIL=address) as started:
            fresh = Api(started)
            wait_until(lambda: fresh.user.get("/health").json()["status"] == "degraded", 10, "a degraded health")
            wait_until(lambda: read_everywhere(started, made), 10, "reads on every core")
            assert fresh.user.get("/.well-known/jwks.json").status_code == 200
            expect_problem(fresh.register(new_email(), new_password()), "unavailable")
            demotion.close()
            made_at = f"select count(*) from user_service.accounts where email_key = '{address.lower()}'"
            wait_until(lambda: repaired.servers["postgres"].run_sql(made_at) == "1", 15, "the first administrator")
            wait_until(lambda: written_everywhere(started), 10, "writes on every core")
            assert fresh.login(address, ADMIN_PASSWORD).json()["user"]["roles"] == ["customer", "admin"]
            wait_until(lambda: fresh.user.get("/health").json()["status"] == "healthy", 15, "health")
            fresh.close()
    wait_until(lambda: written_everywhere(repaired), 10, "writes on every core")


def test_a_changed_column_type_fails_no_request(api, repaired):
    """A migration beside running instances: plans that no longer fit are made anew."""
    made = api.new_account()
    for _ in range(8):
        assert api.profile(made.bearer).status_code == 200
    postgres = repaired.servers["postgres"]
    postgres.run_sql("alter table user_service.accounts alter column phone type varchar(500)")
    try:
        answers = []
        for _ in range(12):  # every connection has its plans
            other = Api(repaired)
            answers += [other.profile(made.bearer).status_code, other.login(made.email, made.password).status_code]
            other.close()
        assert set(answers) == {200}
    finally:
        postgres.run_sql("alter table user_service.accounts alter column phone type text")


@pytest.mark.no_pooler("schemas are migrated without one, and in the other database the roles have no settings")
def test_a_database_in_another_encoding_is_refused_with_the_reason(stack):
    postgres = stack.servers["postgres"]
    postgres.run_sql("create database latin encoding 'LATIN1' locale 'C' template template0", "postgres")
    for service in stack.services.values():
        for command in ("migrate", "serve"):
            ended = service.try_run(command, env=service.env | {"DB_NAME": "latin", "HTTP_PORT": str(free_port())})
            assert ended.returncode != 0
            for told in ("LATIN1", "UTF8", "DB_NAME"):
                assert told in ended.stdout + ended.stderr, (command, told, ended.stderr)
