# SPDX-License-Identifier: Apache-2.0
"""The next major version of PostgreSQL takes the database over, by copy and by link, while the services stay up; and the way back."""

from __future__ import annotations

import time

import pytest

from data.first_version.load import ROWS
from harness.client import Account, Api, new_email, new_password, wait_until
from harness.next_postgres import NextPostgres
from harness.postgres import Postgres
from harness.stack import POOL_SIZE, DistributedStack

pytestmark = pytest.mark.timeout(900)
MANY = 200_000
COUNTS = """select (select count(*) from user_service.accounts), (select count(*) from user_service.sessions),
  (select count(*) from user_service.refresh_tokens), (select count(*) from notification_service.notifications)"""


@pytest.fixture
def stack(request):
    made = DistributedStack(request.config.getoption("--preset"))
    made.servers["postgres"].run_sql(ROWS.format(count=MANY))
    yield made
    made.close()


def registers(api: Api) -> bool:
    return api.register(new_email(), new_password()).status_code == 202


def upgrade(stack: DistributedStack, owner: Account, *options: str) -> tuple[NextPostgres, dict[str, float]]:
    """The seconds of each step, and those in which nobody could sign in."""
    api, old = Api(stack), stack.servers["postgres"]
    following = NextPostgres(stack.session, old)
    seconds: dict[str, float] = {}
    counts = old.run_sql(COUNTS)
    following.check()
    began = time.monotonic()
    old.stop()
    assert api.login(owner.email, owner.password).status_code == 503
    seconds["pg_upgrade"] = following.take_over(*options)
    following.start()
    assert following.run_sql(COUNTS) == counts
    wait_until(lambda: api.login(owner.email, owner.password).status_code == 200, 60, "a login")
    wait_until(lambda: registers(api), 60, "a registration")
    seconds["without logins"] = time.monotonic() - began
    seconds["statistics, beside the load"] = following.analyse()
    assert following.run_sql("show server_version_num") >= "160000"
    for service in stack.services.values():
        service.wait_connected(POOL_SIZE)
        service.run("migrate")
    api.new_account()
    api.close()
    return following, seconds


def show(capfd, what: str, old: Postgres, seconds: dict[str, float]) -> None:
    size = int(old.run_sql("select pg_database_size(current_database())")) / 2**20
    steps = ", ".join(f"{name} {each:.1f} s" for name, each in seconds.items())
    with capfd.disabled():
        print(f"\n{what}, {size:.0f} MiB, {MANY} accounts: {steps}", flush=True)


def test_by_copy_with_a_way_back(stack, capfd):
    api = Api(stack)
    owner = api.new_account()
    old = stack.servers["postgres"]
    following, seconds = upgrade(stack, owner)
    late = api.new_account()
    show(capfd, f"15 to {following.run_sql('show server_version')} by copy", following, seconds)
    began = time.monotonic()
    following.stop()
    old.start()
    wait_until(lambda: api.login(owner.email, owner.password).status_code == 200, 60, "a login")
    with capfd.disabled():
        print(f"  and back to the old cluster: {time.monotonic() - began:.1f} s without logins", flush=True)
    assert api.login(late.email, late.password).status_code == 401, "what was written meanwhile is not there"
    api.close()


def test_by_link(stack, capfd):
    api = Api(stack)
    owner = api.new_account()
    old = stack.servers["postgres"]
    following, seconds = upgrade(stack, owner, "--link")
    show(capfd, f"15 to {following.run_sql('show server_version')} by link", following, seconds)
    assert not (old.cluster / "global" / "pg_control").exists(), "the old cluster could be started, on files that are the new one's"
    api.close()
