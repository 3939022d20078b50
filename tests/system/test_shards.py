# SPDX-License-Identifier: Apache-2.0
"""The door to several databases stays open (docs/adr/0036-when-one-postgresql-ends.md): rows lie with their user, and no request writes
those of two."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api, new_email, new_password, token_of
from harness.packages import REPOSITORY
from harness.postgres import Postgres
from harness.recorded_writes import Owners, record, recorded
from harness.servers import make_all
from harness.shards import Catalogue
from harness.stack import DistributedStack

pytestmark = [pytest.mark.mode("distributed"), pytest.mark.timeout(600)]

ADR = (REPOSITORY / "docs/adr/0036-when-one-postgresql-ends.md").read_text()
NOT_PER_USER = {
    "user_service.schema_migrations": "each database has its own schema",
    "notification_service.schema_migrations": "likewise",
    "user_service.idempotency_keys": "of a caller who is nobody yet; written with the registration, where that lies",
    "user_service.password_reset_requests": "of an address, with an account or without one",
    "user_service.heartbeats": "the server's own pulse",
    "notification_service.heartbeats": "likewise",
    "notification_service.inbox": "of an event, whose subject says where it is handled",
}
# What begins with one of these works off a queue of its own database: it finds no row of another.
JOBS = {
    "DELETE user_service.password_reset_requests": "settles requests for mails",
    "UPDATE user_service.outbox": "claims events, or marks them published",
    "UPDATE notification_service.notifications": "claims mails",
}
PEOPLE, AT_ONCE = 12, 4


@pytest.fixture(scope="module")
def catalogue(stack) -> Catalogue:
    return Catalogue(stack.servers["postgres"])


def test_every_row_leads_to_its_user(catalogue):
    assert len(catalogue.columns) > len(NOT_PER_USER) + 5
    without = {table for table in catalogue.columns if catalogue.way(table) is None}
    assert without == set(NOT_PER_USER), "a table has no account id that is always there, and no reason here, or one that is not needed"
    for table in without:
        assert f"`{table}`" in ADR


def test_the_address_is_the_only_thing_that_is_unique_among_all_users(catalogue):
    """Ids are UUIDs of ours and digests those of 256 random bits: no two are the same wherever they lie."""
    chosen = {
        index.name for index in catalogue.unique if index.table not in NOT_PER_USER and not set(index.columns.values()) & {"uuid", "bytea"}
    }
    assert chosen == {"user_service.accounts_email_key_unique"}


def test_each_unique_index_without_an_account_has_its_plan(catalogue):
    without = {
        index.name
        for index in catalogue.unique
        if (way := catalogue.way(index.table)) is None or way.table or way.column not in index.columns
    }
    assert without == set(re.findall(r"^\| `(\w+\.\w+)` \| .+ \| .+ \|$", ADR, re.MULTILINE))


class RecordedStack(DistributedStack):
    def _make_servers(self):
        return {"postgres": Postgres(self.session, {"wal_level": "logical"}), **make_all(self.session, ["redis", "rabbitmq"])}


@pytest.fixture(scope="module")
def recorded_stack(request):
    made = RecordedStack(request.config.getoption("--preset"))
    yield made
    made.close()


def live(stack, number: int) -> None:
    """All that one user asks for, beside the others."""
    api, email = Api(stack), new_email("shard")
    api.new_registration(email=email)
    person, token = api.new_registration(email=email)
    assert api.resend(email, person.password).status_code == 202
    token = token_of(stack.wait_for_mails(email, 3)[0])
    person.tokens = api.verify(token, person.password).json()
    assert api.refresh(person.tokens["refresh_token"]).status_code == 200
    assert api.patch_profile(person.bearer, {"phone": "+62 812 3456"}).status_code == 200
    assert api.register(email, new_password(), headers={"Idempotency-Key": f"shard-{number}"}).status_code == 202
    assert api.forgot_password(email).status_code == 202
    mails = stack.wait_for_mails(email, 5)
    password = new_password()
    assert api.reset_password(token_of(next(mail for mail in mails if "reset-password" in mail["text"])), password).status_code == 200
    person.tokens = api.must_log_in(email, password)
    assert api.logout(person.bearer).status_code == 204
    if number % 3 == 0:
        stack.user_service.run("delete-account", email)
    api.close()


def test_no_request_writes_rows_of_two_users(recorded_stack):
    postgres = recorded_stack.servers["postgres"]
    catalogue = Catalogue(postgres)
    record(postgres, catalogue)
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        list(crowd.map(lambda number: live(recorded_stack, number), range(PEOPLE)))
    transactions = [each for each in recorded(postgres) if each.writes]
    owners = Owners(catalogue, transactions)
    count = Counter()
    for each in transactions:
        users = {owner for write in each.writes if (owner := owners.of(write))}
        is_job = str(each.writes[0]) in JOBS
        count["jobs" if is_job else "requests and events", "of one" if len(users) < 2 else "of several"] += 1
        assert is_job or len(users) < 2, f"rows of {len(users)} users in one transaction: {', '.join(map(str, each.writes))}"
    print({" ".join(key): value for key, value in sorted(count.items())})
    written = {write.table for each in transactions for write in each.writes}
    assert written == {table for table in catalogue.columns if not table.endswith((".schema_migrations", ".heartbeats"))}
