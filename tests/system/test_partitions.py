# SPDX-License-Identifier: Apache-2.0
"""Outbox and inbox by partitions (docs/adr/0039-partitions.md): the tables of before become the first ones while the version before is at
work, and the services make and drop the others though they may make no table."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from itertools import pairwise

import psycopg
import pytest

from harness.background import Background
from harness.client import Api, new_email, wait_until
from harness.owned_stack import DATABASE, OwnedStack
from harness.packages import REPOSITORY
from harness.server import ServerError

pytestmark = [
    pytest.mark.mode("distributed"),
    pytest.mark.no_containers("it migrates a database of its own"),
    pytest.mark.no_pooler("schemas are migrated without one"),
    pytest.mark.timeout(300),
]

BEFORE = 6  # the last version without partitions
EVENTS = 100_000

# A UUIDv7 of a time.
V7 = """(lpad(to_hex((extract(epoch from {}) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8'
    || substr(md5(random()::text), 1, 15))::uuid"""
OUTBOX = """insert into user_service.outbox (id, type, subject, sequence, traceparent, request_id, dataschema, created_at, claimed_until,
    published_at, payload) select {}, 'user.registered', gen_random_uuid(), 1, 'none', 'before', 'urn:1', now(), {}, {}, '\\x00'"""
INBOX = "insert into notification_service.inbox select '/user-service', {}, 'user.registered', {}"
AHEAD, BEHIND = "now() + interval '1 year'", "now() - i * interval '1 second'"
FILLED = (
    OUTBOX.format(V7.format("now() - i * interval '30 ms'"), "now()", "now() - i * interval '30 ms'")
    + f" from generate_series(1, {EVENTS}) i",
    OUTBOX.format(V7.format(AHEAD), "'infinity'", "null"),
    INBOX.format(V7.format(BEHIND), BEHIND) + f" from generate_series(1, {EVENTS}) i",
    INBOX.format("gen_random_uuid()", "now()") + " from generate_series(1, 5)",
)

# What the version before says.
CLAIM = """update user_service.outbox set claimed_until = now() + interval '1 hour' where id = any (array(select id from user_service.outbox
    where published_at is null and claimed_until <= now() order by id limit 64 for update skip locked)) returning id"""
PUBLISH = "update user_service.outbox set published_at = statement_timestamp(), data = null where id = %s and published_at is null"
PRUNE = """delete from user_service.outbox where id = any (array(select id from user_service.outbox
    where published_at < now() - interval '1 hour' order by published_at limit 500 for update skip locked))"""
FORGET = """delete from user_service.outbox where id = any (array(select id from user_service.outbox
    where subject = %s and payload is not null order by id for update))"""
RECEIVE = "insert into notification_service.inbox values ('/user-service', %s, 'user.registered', statement_timestamp())"


class EarlierVersion(Background):
    """Writes, relays and receives as it did, each by a role of its own, one statement after the other."""

    def __init__(self, stack: OwnedStack) -> None:
        self.stack = stack
        self.ends: dict[str, list[float]] = {}
        self.faults: list[str] = []
        self.published, self.duplicates = 0, 0

    def tasks(self):
        return [lambda: self._work("user_service", self._relay), lambda: self._work("notification_service", self._receive)]

    def __str__(self) -> str:
        gaps = {role: max(later - earlier for earlier, later in pairwise(ends)) for role, ends in self.ends.items()}
        longest = ", ".join(f"{role} {gap * 1000:.0f} ms" for role, gap in gaps.items())
        return f"{self.published} events published, {self.duplicates} known again, longest round {longest}"

    def _work(self, role: str, do) -> None:
        postgres = self.stack.servers["postgres"]
        login = f"host={postgres.host} port={postgres.port} dbname={DATABASE} user={role} password={self.stack.passwords[role]}"
        with psycopg.connect(login, autocommit=True) as connection:
            while not self.over.is_set():
                try:
                    do(connection)
                except psycopg.Error as fault:
                    self.faults.append(str(fault))
                self.ends.setdefault(role, []).append(time.monotonic())

    def _relay(self, connection) -> None:
        subject = uuid.uuid4()
        connection.execute(OUTBOX.replace("gen_random_uuid()", f"'{subject}'").format(V7.format("now()"), "now()", "null"))
        for (found,) in connection.execute(CLAIM).fetchall():
            self.published += connection.execute(PUBLISH, (found,)).rowcount
        connection.execute(PRUNE)
        assert connection.execute(FORGET, (subject,)).rowcount == 1

    def _receive(self, connection) -> None:
        (taken,) = connection.execute(f"select {V7.format('now()')}").fetchone()
        connection.execute(RECEIVE, (taken,))
        try:
            connection.execute(RECEIVE, (taken,))
            self.faults.append(f"{taken} was taken twice")
        except psycopg.errors.UniqueViolation as known:
            assert known.diag.constraint_name == "inbox_pkey", "that version knows it by this name"
            self.duplicates += 1


class MigratedStack(OwnedStack):
    """Its schema is that of the version before until the services migrate it, under load."""

    def prepare_database(self) -> None:
        for service in ("user", "notification"):
            files = sorted((REPOSITORY / f"services/{service}-service/migrations/postgres").glob("*.sql"))[:BEFORE]
            done = f"set search_path = {service}_service; create table schema_migrations (version bigint primary key, name text not null,"
            done += "checksum text not null, applied_at timestamptz not null);"
            for version, file in enumerate(files, 1):
                text = file.read_text()
                done += f"{text};insert into schema_migrations values ({version}, 'before', "
                done += f"'{hashlib.sha256(text.encode()).hexdigest()}', now());"
            self.run_sql(done)
        for statement in FILLED:
            self.run_sql(statement)
        self.rows = self.count_rows()
        self.earlier = EarlierVersion(self)
        self.earlier.__enter__()
        wait_until(lambda: self.earlier.published and self.earlier.duplicates, 30, "the version before at work")

    def count_rows(self) -> dict[str, int]:
        tables = ("user_service.outbox", "notification_service.inbox")
        return {table: int(self.run_sql(f"select count(*) from {table}")) for table in tables}

    def partitions(self, table: str) -> list[str]:
        found = self.run_sql(f"select inhrelid::regclass from pg_inherits where inhparent = '{table}'::regclass order by 1")
        return found.splitlines()

    def _start(self) -> None:
        try:
            super()._start()
        finally:
            self.earlier.__exit__()


@pytest.fixture(scope="module")
def stack(request):
    made = MigratedStack(request.config.getoption("--preset"))
    yield made
    made.close()


def test_the_version_before_works_on_while_its_tables_become_partitions(stack):
    print(stack.earlier)
    assert stack.earlier.faults == []
    now = stack.count_rows()
    assert all(now[table] >= rows for table, rows in stack.rows.items()), f"{stack.rows} became {now}"
    assert stack.run_sql("select count(*) from user_service.outbox_first where published_at is null") == "0"
    assert stack.run_sql("select count(*) from user_service.outbox_default") == "1", "of a clock a year ahead"
    assert int(stack.run_sql("select count(*) from notification_service.inbox_first")) >= EVENTS


def test_the_services_make_partitions_and_use_them(stack):
    # So far ahead do the first ones reach that nothing else would be made for hours.
    stack.run_sql(
        "begin; alter table user_service.outbox detach partition user_service.outbox_first; drop table user_service.outbox_first; commit"
    )
    stack.run_sql("truncate notification_service.inbox; alter table notification_service.inbox detach partition"
                  " notification_service.inbox_first; drop table notification_service.inbox_first")  # fmt: skip
    stack.user_service.stop()
    stack.notification_service.stop()
    stack.user_service.start()
    stack.notification_service.start()
    tables = ("user_service.outbox", "notification_service.inbox")
    wait_until(
        lambda: all(len(stack.partitions(table)) == 4 for table in tables), 30, "the partitions of three quarters, and the default one"
    )
    for table in tables:
        print(stack.partitions(table))
    email, api = new_email("partitions"), Api(stack)
    api.new_registration(email=email)
    stack.wait_for_mails(email, 1)
    api.close()
    for table in tables:
        used = stack.run_sql(f"select distinct tableoid::regclass from {table}").splitlines()
        assert any(re.fullmatch(rf"{table}_20\d{{6}}_\d{{6}}", partition) for partition in used), used


@pytest.mark.parametrize("role", ["user_service", "notification_service"])
def test_a_service_may_make_no_table_itself(stack, role):
    table = {"user_service": "outbox", "notification_service": "inbox"}[role]
    for statement in (f"create table {role}.another ()", f"drop table {role}.{table}_default", f"truncate {role}.{table}"):
        with pytest.raises(ServerError, match=r"permission denied|must be owner"):
            stack.run_sql(statement, role)


def test_nobody_else_has_partitions_made_or_dropped(stack):
    for call in ("make_partitions('user_service.outbox', now())", "drop_partitions('user_service.outbox', 'created_at', now())"):
        stack.run_sql("grant usage on schema user_service to exporter")
        with pytest.raises(ServerError, match="permission denied for function"):
            stack.run_sql(f"select user_service.{call}", "exporter")


def test_each_migration_has_the_functions_as_they_are(request):
    functions = (REPOSITORY / "platform/events/postgres/partitions.sql").read_text().split("\n", 1)[1]
    for service in ("user", "notification"):
        (file,) = (REPOSITORY / f"services/{service}-service/migrations/postgres").glob("007_*.sql")
        assert functions in file.read_text()
