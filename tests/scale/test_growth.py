# SPDX-License-Identifier: Apache-2.0
"""Calls cost what they cost with few accounts (P10): the same statements in two databases on one server, of a thousand accounts and of
--accounts, each with three sessions, refresh tokens and mails."""

from __future__ import annotations

import random
import shutil
import statistics
import time

import pytest

from drill import population
from harness.client import Api, new_password, token_of, wait_until
from harness.logged_statements import SETTINGS, Recorded
from harness.postgres import Postgres
from harness.servers import make_all
from harness.stack import ADMIN_EMAIL, ADMIN_PASSWORD, DistributedStack
from scale.calls import HASH, OF_EACH, PRUNED, jobs, requests
from scale.growth import Call, connect, cost_of, percentile, time_of

pytestmark = [pytest.mark.mode("distributed"), pytest.mark.timeout(4 * 3600)]

FEW = 1_000
BYTES_AN_ACCOUNT, BYTES_BESIDE = 3_200, 12 * 2**30
# The whole hot set, and the upper levels of all indexes, fit into memory.
QUICK = {
    "shared_buffers": "4GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "fsync": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}
PLANS, TIMES, ROUNDS, HOT = 100, 2_000, 5, 1_000
SEED = random.Random(16)

# Ten a millisecond; one of `every` waits to be published.
EVENTS = """insert into user_service.outbox (id, type, subject, sequence, traceparent, request_id, dataschema, created_at, claimed_until,
    published_at, payload) select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint + i / 10), 12, '0') || '7' ||
    lpad(to_hex(i), 19, '8'))::uuid, 'user.registered', gen_random_uuid(), 1, '', '', '', now(), '-infinity',
    case when i % {every} > 0 then now() end, decode(repeat('00', 300), 'hex') from generate_series(1, {events}) i"""
TAKEN = "insert into notification_service.inbox select '/user-service', id, type, now() from user_service.outbox"
# Of the last account, which nothing else is measured on.
OLD = """with old as (insert into user_service.sessions select (lpad(to_hex(i), 12, '0') || '7002' || lpad('', 16, '8'))::uuid, '{last}',
    '2024-01-01Z', '2024-02-01Z' from generate_series(1, 600) i returning id) insert into user_service.refresh_tokens
    select sha256(id::text::bytea), id, '2024-02-01Z' from old"""
OLD_MAILS = """insert into notification_service.notifications (id, kind, user_id, recipient, recipient_key, locale, status, attempts,
    failures, created_at, updated_at, request_id, traceparent) select (lpad(to_hex(i), 12, '0') || '7003' || lpad('', 16, '8'))::uuid,
    'email_verification', '{last}', '', '', 'id', 'sent', 1, 0, '2024-01-01Z', '2024-01-01Z', '', '' from generate_series(1, 600) i"""
SIZES = """select indexrelid::regclass || '|' || pg_relation_size(indexrelid) || '|' || greatest(reltuples, 1)::bigint
    from pg_index join pg_class on pg_class.oid = indexrelid
    where relnamespace in ('user_service'::regnamespace, 'notification_service'::regnamespace) and reltuples >= 3000
    order by pg_relation_size(indexrelid) desc"""


class MeasuredStack(DistributedStack):
    def _make_servers(self):
        return {"postgres": Postgres(self.session, SETTINGS | QUICK), **make_all(self.session, ["redis", "rabbitmq"])}


@pytest.fixture(scope="module")
def measured(request):
    """Both databases, filled, and the statements that the services sent."""
    stack = MeasuredStack(request.config.getoption("--preset"))
    try:
        statements = record(stack)
        for service in stack.services.values():
            service.stop()
        yield Measured(stack.servers["postgres"], statements, request.config.getoption("--accounts"))
    finally:
        stack.close()


def record(stack: DistributedStack) -> Recorded:
    """After one of each call."""
    api = Api(stack)
    made = api.new_account()
    api.must_log_in(made.email, made.password)
    api.refresh(made.tokens["refresh_token"])
    api.profile(made.bearer)
    administrator = {"Authorization": f"Bearer {api.must_log_in(ADMIN_EMAIL, ADMIN_PASSWORD)['access_token']}"}
    for query in ({}, {"recipient": made.email}, {"status": "sent"}, {"recipient": made.email, "status": "sent"}):
        assert api.notifications(administrator, **query).status_code == 200
    api.forgot_password(made.email)
    link = token_of(next(mail for mail in stack.wait_for_mails(made.email, 2) if "reset-password" in mail["text"]))
    assert api.reset_password(link, new_password()).status_code == 200
    api.close()
    server = stack.servers["postgres"]

    def has_pruned() -> bool:
        texts = Recorded(server).texts
        return all(any(text.startswith(f"DELETE FROM {table} ") for text in texts) for table in PRUNED)

    wait_until(has_pruned, 60, "pruning")
    return Recorded(server)


class Measured:
    def __init__(self, server: Postgres, statements: Recorded, accounts: int) -> None:
        self.server, self.statements = server, statements
        free = shutil.disk_usage(server.directory).free
        self.accounts = min(accounts, (free - BYTES_BESIDE) // BYTES_AN_ACCOUNT)
        print(f"\n{self.accounts} of {accounts} accounts: the disk has {free / 2**30:.0f} GiB, and each takes {BYTES_AN_ACCOUNT} bytes")
        server.run_sql("alter system set log_statement = 'none'")
        server.run_sql("select pg_reload_conf()")
        server.run_sql("create database many template test", "postgres")
        self.sizes = {"test": FEW, "many": self.accounts}
        for database, users in self.sizes.items():
            began = time.monotonic()
            self.fill(database, users)
            print(f"{database}: {users} accounts in {time.monotonic() - began:.0f} s")
        # Three rows would be sorted rather than read backward: with few accounts the plan is to be the one that it is with many.
        self.connections = {"test": connect(server, "test", "-c enable_sort=off"), "many": connect(server, "many")}
        self.hot = {name: range(0, users - 1, users // HOT)[:HOT] for name, users in self.sizes.items()}

    def fill(self, database: str, users: int) -> None:
        self.server.database = database
        self.server.run_sql(
            "truncate user_service.accounts, user_service.outbox, notification_service.notifications, notification_service.inbox cascade"
        )
        population.fill(self.server, users, HASH, OF_EACH)
        self.server.run_sql(EVENTS.format(every=users // 100, events=users // 10))
        self.server.run_sql(TAKEN)
        for old in (OLD, OLD_MAILS):
            self.server.run_sql(old.format(last=population.account_id(users - 1)))
        self.server.run_sql("vacuum (analyze)")
        self.server.database = "test"


def test_no_call_touches_more_blocks_than_its_indexes_grow(measured):
    faults = []
    print(f"{'blocks touched: mean (most)':42} {FEW:>16} {measured.accounts:>16} {'allowed':>8}")
    for call in (*requests(measured.statements), *jobs(measured.statements)):
        costs = {
            name: [cost_of(measured.connections[name], call, SEED.randrange(users - 1)) for _ in range(PLANS)]
            for name, users in measured.sizes.items()
        }
        few, many = (statistics.fmean(cost.blocks for cost in costs[name]) for name in measured.sizes)
        most = {name: max(cost.blocks for cost in costs[name]) for name in measured.sizes}
        more = 2 * statistics.fmean(cost.probes for cost in costs["many"])
        print(f"{call.name:42} {few:8.1f} ({most['test']:5}) {many:8.1f} ({most['many']:5}) {few + more:8.1f}")
        if round(many - few) > round(more):
            faults.append(f"{call.name}: {many - few:.1f} blocks more, allowed are {more:.0f}")
        whole = {table for cost in costs["many"] for table in cost.tables_read_whole}
        if whole:
            faults.append(f"{call.name} reads {whole} as a whole")
    assert faults == []


def test_no_call_takes_longer_while_it_is_about_a_thousand_accounts(measured):
    slow = []
    print(f"{'p99 in ms, of a thousand hot accounts':42} {FEW:>9} {measured.accounts:>9} {'times':>6} {'half: times':>12} {'of all':>9}")
    for call, times in [(each, TIMES) for each in requests(measured.statements)] + [
        (each, TIMES // 2) for each in jobs(measured.statements)
    ]:
        rounds = []
        for _ in range(ROUNDS):
            taken = alternately(measured, call, measured.hot, times)
            p99 = {name: percentile(times, 0.99) for name, times in taken.items()}
            half = statistics.median(taken["many"]) / statistics.median(taken["test"])
            rounds.append((p99["many"] / p99["test"], half, p99))
        ratio, half, p99 = sorted(rounds, key=lambda each: each[0])[ROUNDS // 2]
        anywhere = {name: range(users - 1) for name, users in measured.sizes.items()}
        uniform = percentile(alternately(measured, call, anywhere, times)["many"], 0.99)
        print(f"{call.name:42} {p99['test'] * 1000:9.3f} {p99['many'] * 1000:9.3f} {ratio:6.2f} {half:12.2f} {uniform * 1000:9.3f}")
        if ratio > 1.2:
            slow.append(f"{call.name}: {ratio:.2f} times")
    assert slow == []


def alternately(measured: Measured, call: Call, numbers: dict[str, range], times: int) -> dict[str, list[float]]:
    """So that what else the machine does falls on both."""
    taken: dict[str, list[float]] = {name: [] for name in measured.connections}
    for _ in range(times):
        for name, connection in measured.connections.items():
            steps = call.steps(connection, SEED.choice(numbers[name]))
            taken[name].append(time_of(connection, steps))
    return taken


def test_indexes_have_the_size_of_their_rows(measured):
    found = {}
    for name in measured.sizes:
        rows = measured.server.run_sql(SIZES, name).splitlines()
        found[name] = {index: int(size) / int(entries) for index, size, entries in (row.split("|") for row in rows)}
        print(name, ", ".join(f"{index} {size:.0f}" for index, size in found[name].items()), "bytes an entry")
    grown = {index: size for index, size in found["many"].items() if size > 1.5 * found["test"].get(index, size)}
    assert grown == {}, f"with few accounts: {found['test']}"
