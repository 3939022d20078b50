# SPDX-License-Identifier: Apache-2.0
"""From the schema of this work's first commit, and of every tag, to that of now, and on to one to come, while the versions of before and of
after are at work: no request and no statement fails."""

from __future__ import annotations

import pytest

from data.first_version.load import STATEMENTS
from data.next_version import NextVersion
from data.old_stack import FIRST, OldStack, tags
from harness.client import Api, wait_until
from harness.database_load import Load
from harness.packages import REPOSITORY

pytestmark = pytest.mark.timeout(600)
LONGEST_WAIT = 0.6  # seconds; a call of the services ends after 0.9

# What the documents tell a migration to do, one after the other (docs/operations/migrations.md).
NEXT = {
    "user-service": {
        "add_column": "ALTER TABLE accounts ADD COLUMN nickname text;",
        "add_column_with_value": "ALTER TABLE sessions ADD COLUMN kind text NOT NULL DEFAULT 'web';",
        "find_by_phone": "-- outside a transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_phone ON accounts (phone);",
        "limit_nickname": "ALTER TABLE accounts ADD CONSTRAINT accounts_nickname_check CHECK (length(nickname) < 100) NOT VALID;",
        "nickname_is_limited": "ALTER TABLE accounts VALIDATE CONSTRAINT accounts_nickname_check;",
    },
    "notification-service": {
        "add_channel": "ALTER TABLE notifications ADD COLUMN channel text NOT NULL DEFAULT 'mail';",
        "find_by_kind": "-- outside a transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_kind ON notifications (kind, id);",
        "forget_by_kind": "-- outside a transaction\nDROP INDEX CONCURRENTLY IF EXISTS notifications_kind;",
    },
}


def newest(service: str) -> int:
    return max(int(file.name[:3]) for file in (REPOSITORY / "services" / service / "migrations" / "postgres").glob("*.sql"))


@pytest.fixture(scope="module", params=[FIRST, *tags()])
def stack(request):
    made = OldStack(request.config.getoption("--preset"), request.param)
    yield made
    made.close()


def test_versions_of_before_and_after_work_while_the_schema_changes(stack, tmp_path, capfd):
    postgres = stack.servers["postgres"]
    api = Api(stack)
    owner = api.new_account()
    with Load(stack, owner) as load:
        wait_until(lambda: len(load.registered) > 20, 30, "writes of today's services")
        reached = {}
        for service, files in NEXT.items():
            following = NextVersion(stack, service, tmp_path)
            assert following.applied(postgres) == following.newest == newest(service)
            for name, text in files.items():
                following.add(name, text)
                following.migrate()
            reached[service] = following.applied(postgres)
            assert reached[service] == newest(service) + len(files)
        after = len(load.registered)
        wait_until(lambda: len(load.registered) > after + 20, 30, "writes on the schema to come")
        ran = stack.first.ran.total()
        wait_until(lambda: stack.first.ran.total() > ran + 200, 30, "statements of the first version on the schema to come")
    stack.stop_first()
    api.close()
    with capfd.disabled():
        print(f"\nfrom {stack.version} ({len(tags())} tags) to {reached}", flush=True)
        print(f"  first version: {stack.first}\n  today's: {load}\n  {stack.waits}", flush=True)
    assert stack.first.failures == []
    assert set(stack.first.ran) == set(STATEMENTS)
    assert set(load.writes) <= {200, 202} and set(load.reads) == {200}, str(load)
    assert stack.waits.waits > 0, "nobody waited for a migration: nothing was measured"
    assert stack.waits.longest < LONGEST_WAIT
    found = postgres.run_sql("select email from user_service.registrations").splitlines()
    assert set(load.registered) <= set(found)
