# SPDX-License-Identifier: Apache-2.0
"""The door to several databases stays open (docs/adr/0036-when-one-postgresql-ends.md): rows lie with their user, and no request writes
those of two."""

from __future__ import annotations

import contextlib
import re
from collections import Counter

import pytest

from harness.packages import REPOSITORY
from harness.recorded_stack import RecordedStack
from harness.replay import Replay, Router, largest_difference, rows_of
from harness.routed_token import RENAME, digest, place_in, present, routed_token
from harness.shards import Catalogue

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
# Until when a relay has claimed a row: of several claims in turn another may be the one that gets it.
LEASES = {"user_service.outbox": "claimed_until"}
SERVERS_OWN = (".schema_migrations", ".heartbeats")


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


@pytest.fixture(scope="module")
def recording(request):
    """A crowd's requests on one server."""
    made = RecordedStack(request.config.getoption("--preset"))
    yield made.record_crowd()
    made.close()


def test_no_request_writes_rows_of_two_users(recording):
    transactions = [each for each in recording.writes if each.writes]
    count = Counter()
    for each in transactions:
        users = {owner for write in each.writes if (owner := recording.owners.of(write))}
        is_job = str(each.writes[0]) in JOBS
        count["jobs" if is_job else "requests and events", "of one" if len(users) < 2 else "of several"] += 1
        assert is_job or len(users) < 2, f"rows of {len(users)} users in one transaction: {', '.join(map(str, each.writes))}"
    print({" ".join(key): value for key, value in sorted(count.items())})
    written = {write.table for each in transactions for write in each.writes if not write.table.endswith(SERVERS_OWN)}
    assert written == {table for table in recording.catalogue.columns if not table.endswith(SERVERS_OWN)}


@pytest.fixture(scope="module")
def shards(recording):
    """Two servers, on each of which the transactions of its accounts were replayed, and nobody else's."""
    servers = [recording.stack.add_server() for _ in range(2)]
    router = Router(recording.owners, recording.writes, len(servers))
    replay = Replay(router, servers)
    replay.run(recording.statements)
    return replay


def test_two_servers_come_to_what_one_did(recording, shards, capfd):
    counts: Counter[str] = Counter()
    difference = 0.0
    for table in sorted(recording.catalogue.columns):
        if table.endswith(SERVERS_OWN):
            continue
        lease = LEASES.get(table)
        whole = rows_of(recording.stack.servers["postgres"], table, lease)
        parts = [rows_of(server, table, lease) for server in shards.servers]
        union = sorted((row for part in parts for row in part), key=lambda row: row[0])
        assert [row[0] for row in union] == [row[0] for row in whole], table
        difference = max(difference, largest_difference(union, whole))
        counts["rows of one server"] += len(whole)
        for number, part in enumerate(parts):
            counts[f"rows of shard {number}"] += len(part)
    assert min(counts["rows of shard 0"], counts["rows of shard 1"]) > 50
    assert difference < 0.1, "the log has the times of statements, by the millisecond"
    assert {each.first_write for each in shards.divided} <= set(JOBS)
    with capfd.disabled():
        print(f"\n{len(recording.statements)} transactions by statement: {dict(shards.counts)}")
        print(f"  {dict(counts)}; times within {difference:.3f} s")


def test_a_token_leads_to_its_server(recording, shards, capfd):
    """As ADR 0036 plans: the account's id before what a token is today. Today's services read nothing in it and digest all of it."""
    counts = Counter()
    with contextlib.ExitStack() as running:
        services = [running.enter_context(recording.stack.instance(**recording.stack.login_at(server))) for server in shards.servers]
        for holder in recording.holders:
            for kind, token in holder.tokens.items():
                routed = routed_token(holder.place, token)
                right = shards.router.server_at(place_in(routed))
                shards.servers[right].run_sql(
                    f"set search_path to user_service; {RENAME[kind].format(old=digest(token), new=digest(routed))}"
                )
                for number in (1 - right, right):
                    status = present(services[number], kind, routed, holder.password)
                    assert (status == 200) == (number == right), f"{kind} at server {number}: {status}, and it lies on {right}"
                    counts[f"{kind} {'taken' if status == 200 else 'refused by the other'}"] += 1
    with capfd.disabled():
        print(f"\ntokens with their account's id, presented to both servers: {dict(counts)}")
