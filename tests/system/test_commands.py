# SPDX-License-Identifier: Apache-2.0
"""An operator's commands while the database is not all there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import wait_until

pytestmark = pytest.mark.mode("distributed")

READS = "select count(*) from pg_stat_activity where application_name = 'user_service' and state_change < now() - interval '1.5 s'"
FAILING = """create function user_service.fail() returns trigger language plpgsql as $$ begin raise 'this is not to be'; end $$;
    create trigger fail before update on user_service.accounts for each row execute function user_service.fail()"""
MENDED = "drop trigger fail on user_service.accounts; drop function user_service.fail"


@pytest.mark.no_pooler("its sessions outlive the command, by which the command is told here")
def test_a_command_waits_for_the_connections_that_write(api, repaired):
    """It looks at the schema by one that reads, which may be there before them."""
    made = api.new_account()
    service, postgres = repaired.services["user-service"], repaired.servers["postgres"]
    service.stop()
    postgres.fence(True)
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(service.try_run, "delete-account", made.email)
        wait_until(lambda: asked.done() or postgres.run_sql(READS) != "0", 9, "a command that has read the schema, and waits")
        postgres.fence(False)
        done = asked.result(30)
    service.start()
    assert done.returncode == 0, done.stderr
    assert made.email in done.stdout


def test_what_failed_is_no_security_event(api, repaired):
    made = api.new_account()
    service, postgres = repaired.services["user-service"], repaired.servers["postgres"]
    postgres.run_sql(FAILING)
    try:
        done = service.try_run("delete-account", made.email)
    finally:
        postgres.run_sql(MENDED)
    assert done.returncode == 1
    assert "this is not to be" in done.stderr
    assert "user_deleted" not in done.stderr
    done = service.try_run("delete-account", made.email)
    assert done.returncode == 0
    assert "user_deleted" in done.stderr
