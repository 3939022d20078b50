# SPDX-License-Identifier: Apache-2.0
"""Migrations that end half-way, beside services that go on: what is left, and what is said."""

from __future__ import annotations

import re

import psycopg
import pytest

from data.next_version import NextVersion, said
from harness.client import Api, wait_until
from harness.database_load import Load
from harness.processes import kill_tree
from harness.stack import DistributedStack

pytestmark = pytest.mark.timeout(300)
INDEX = "-- outside a transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_phone ON accounts (phone);"
STATE = "select indisvalid from pg_index where indexrelid = to_regclass('user_service.accounts_phone')"
BUILDERS = "select pid from pg_stat_activity where query like '%CREATE INDEX CONCURRENTLY%' and pid <> pg_backend_pid()"


@pytest.fixture(scope="module")
def stack(request):
    made = DistributedStack(request.config.getoption("--preset"))
    yield made
    made.close()


@pytest.fixture
def following(stack, tmp_path):
    """The next version of user-service's schema, of which nothing is left afterwards."""
    made = NextVersion(stack, "user-service", tmp_path)
    newest = made.newest
    yield made
    stack.run_user_sql(f"drop index if exists accounts_phone; delete from schema_migrations where version > {newest}")


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("CREATE TABLE half (n bigint);\n\nALTER TABEL accounts;", "line 4", 'syntax error at or near "TABEL"'),
        (
            "CREATE TABLE half (n bigint);\nUPDATE accounts\n  SET absent = 1;",
            "line 4",
            'column "absent" of relation "accounts" does not exist',
        ),
        (
            "CREATE TABLE half (n bigint);\nALTER TABLE accounts ADD COLUMN half bigint NOT NULL;",
            "in its statement 2",
            "contains null values",
        ),
    ],
)
def test_a_file_that_cannot_be_applied_leaves_the_version_of_before_at_work(stack, following, text, place, what):
    postgres = stack.servers["postgres"]
    api = Api(stack)
    owner = api.new_account()
    file = following.add("half", text)
    with Load(stack, owner) as load:
        wait_until(lambda: len(load.registered) > 5, 30, "writes")
        message = following.fail_to_migrate().splitlines()[-1]
        after = len(load.registered)
        wait_until(lambda: len(load.registered) > after + 5, 30, "writes afterwards")
    number = int(file.name[:3])
    assert message.startswith(f"user-service: migration {number} (half) of user-service failed and took no effect; what runs goes on. ")
    assert place in message and what in message
    assert message.endswith("Mend the file, which this database does not have yet, or the rows that it met, then run migrate again")
    assert following.applied(postgres) == number - 1
    assert postgres.run_sql("select to_regclass('user_service.half') is null") == "t"
    assert set(load.writes) <= {200, 202} and set(load.reads) == {200}, str(load)
    file.write_text(text.split(";")[0].replace("CREATE TABLE", "CREATE TEMPORARY TABLE") + ";")
    following.migrate()
    assert following.applied(postgres) == number
    api.close()


class Interrupted:
    """A runner that was killed while its index waited for somebody's transaction, and the server's process that goes on without it."""

    def __init__(self, following: NextVersion, postgres) -> None:
        self.postgres = postgres
        self.other = psycopg.connect(f"{postgres.conninfo} dbname={postgres.database}")
        self.other.execute("update user_service.accounts set version = version")
        following.add("find_by_phone", INDEX)
        process = following.spawn()
        wait_until(lambda: postgres.run_sql(BUILDERS) and postgres.run_sql(STATE) == "f", 30, "an index in the making")
        kill_tree(process.pid)
        process.wait()
        self.server_process = postgres.run_sql(BUILDERS)
        assert self.server_process, "the server has noticed"

    def end_server_process(self) -> None:
        self.postgres.run_sql(f"select pg_terminate_backend({self.server_process}, 10000)")


def test_the_next_runner_waits_for_what_a_killed_one_left_at_work(stack, following):
    postgres = stack.servers["postgres"]
    killed = Interrupted(following, postgres)
    second = following.spawn()
    wait_until(lambda: "another runner migrates the schema of user-service" in following.log_text(), 30, "its turn")
    killed.other.close()
    assert second.wait(60) == 0, following.log_text()
    assert postgres.run_sql(STATE) == "t"
    assert following.applied(postgres) == following.newest
    assert "which is not valid" not in following.log_text(), "the index of the killed runner was good"


def test_the_next_runner_builds_anew_what_was_left_half_done(stack, following):
    postgres = stack.servers["postgres"]
    killed = Interrupted(following, postgres)
    killed.end_server_process()
    assert postgres.run_sql(STATE) == "f"
    killed.other.close()
    messages = said(following.migrate())
    assert any(re.search("was interrupted before: dropping its index accounts_phone, which is not valid", each) for each in messages), (
        messages
    )
    assert postgres.run_sql(STATE) == "t"
    assert following.applied(postgres) == following.newest
