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
ROWS = 1_000_000
GIVES_UP = 0.9  # seconds

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
        longest = ", ".join(f"{role} {gap * 1000:.0f} ms" for role, gap in self.longest_rounds.items())
        return f"{self.published} events published, {self.duplicates} known again, longest round {longest}"

    @property
    def longest_rounds(self) -> dict[str, float]:
        """In seconds, of each service."""
        return {role: max(later - earlier for earlier, later in pairwise(ends)) for role, ends in self.ends.items()}

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
        self.began = time.monotonic()
        self.events, self.known = self.seconds_kept(), self.known_events()
        self.earlier = EarlierVersion(self)
        self.earlier.__enter__()
        wait_until(lambda: self.earlier.published and self.earlier.duplicates, 30, "the version before at work")

    def seconds_kept(self) -> dict[str, float]:
        """Of the outbox: when each is due, in seconds from now."""
        due = "coalesce(extract(epoch from published_at + interval '1 hour'), 'infinity') - extract(epoch from now())"
        found = self.run_sql(f"select id, {due} from user_service.outbox").splitlines()
        return {event: float(seconds) for event, seconds in (row.split("|") for row in found)}

    def known_events(self) -> set[str]:
        return set(self.run_sql("select event_id from notification_service.inbox").splitlines())

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


def test_the_version_before_works_on_while_its_tables_become_partitions(stack, capfd):
    with capfd.disabled():
        print(f"\n{stack.earlier}", flush=True)
    assert stack.earlier.faults == []
    assert max(stack.earlier.longest_rounds.values()) < GIVES_UP, "a service waits no longer for a statement"
    assert stack.known <= stack.known_events()
    found, passed = stack.seconds_kept().keys(), time.monotonic() - stack.began
    lost = [event for event, seconds in stack.events.items() if seconds > passed and event not in found]
    assert lost == [] and len(stack.events) > EVENTS and len(stack.known) > EVENTS
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
        made = stack.partitions(table)
        print(made)
        assert len(made) == 4
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


def test_the_functions_are_about_tables_of_their_own_schema_of_which_the_caller_may_delete_rows(stack):
    postgres = stack.servers["postgres"]
    outbox = stack.run_sql("select 'user_service.outbox'::regclass::oid")
    before = stack.partitions("user_service.outbox")
    role = "notification_service"
    login = f"host={postgres.host} port={postgres.port} dbname={DATABASE} user={role} password={stack.passwords[role]}"
    with psycopg.connect(login, autocommit=True) as stranger:
        for call in (f"drop_partitions({outbox}, 'created_at', 'infinity')", f"make_partitions({outbox}, now() - interval '1 day')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may delete no rows"):
                stranger.execute(f"select notification_service.{call}")
        stranger.execute("select notification_service.make_partitions('notification_service.inbox', now() - interval '14 days')")
    for call in (f"drop_partitions({outbox}, 'created_at', 'infinity')", f"make_partitions({outbox}, now() - interval '1 day')"):
        with pytest.raises(ServerError, match="in schema notification_service"):
            stack.run_sql(f"select notification_service.{call}")
    assert stack.partitions("user_service.outbox") == before


def test_the_first_partition_is_read_once(stack, capfd):
    """With the table locked: how long, is printed."""
    postgres = stack.servers["postgres"]
    for service, table, filled in (
        ("user", "outbox", OUTBOX.format(V7.format(BEHIND), "now()", BEHIND)),
        ("notification", "inbox", INBOX.format(V7.format(BEHIND), BEHIND)),
    ):
        database = f"large_{table}"
        postgres.create_database(database)
        postgres.run_sql(f"create schema {service}_service", database)
        *before, file = sorted((REPOSITORY / f"services/{service}-service/migrations/postgres").glob("*.sql"))[: BEFORE + 1]
        with psycopg.connect(f"{postgres.conninfo} dbname={database} options='-c search_path={service}_service'") as connection:
            for each in before:
                connection.execute(each.read_text())
            connection.execute(f"{filled} from generate_series(1, {ROWS}) i")
            connection.commit()
            connection.execute(f"analyze {table}")
            connection.commit()
            began = time.monotonic()
            connection.execute(file.read_text())
            connection.commit()
            seconds = time.monotonic() - began
            connection.execute("select pg_stat_force_next_flush()")
            connection.commit()
            (read,) = connection.execute(f"select seq_tup_read from pg_stat_user_tables where relname = '{table}_first'").fetchone()
        with capfd.disabled():
            print(f"\n{table}: {seconds / ROWS * 1e6:.2f} s for each million rows, {read / ROWS:.1f} reads of each", flush=True)
        assert read == ROWS


def test_each_migration_has_the_functions_as_they_are(request):
    functions = (REPOSITORY / "platform/events/postgres/partitions.sql").read_text().split("\n", 1)[1]
    for service in ("user", "notification"):
        (file,) = (REPOSITORY / f"services/{service}-service/migrations/postgres").glob("007_*.sql")
        assert functions in file.read_text()
